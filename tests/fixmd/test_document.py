"""docs/MARKET_DATA_FIX.md: each message has the fields that are sent, by their right names."""

import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.fixmd.conversation import all_that_there_is
from tests.fixmd.desk import ALPHA, BRAVO, Desk
from venue.fix.fields import field_list
from venue.fixmd import requests
from venue.settings.files import shipped

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "MARKET_DATA_FIX.md").read_text()
SPEC = ElementTree.parse(shipped("spec/FIX44.xml")).getroot()
NAMES = {each.get("number"): each.get("name") for each in SPEC.iterfind("fields/field")}


def rows(msg_type: str) -> dict[str, str]:
    """Tag -> name, of the table under the heading of that message."""
    found = re.search(rf"^## .*\({msg_type}\)\n(.*?)(?=^## |\Z)", DOCUMENT, re.M | re.S)
    assert found is not None, msg_type
    table = found[1].partition("| 281 | when |")[0]
    return dict(re.findall(r"^\| (\d+) \| (\w+) \|", table, re.M))


@pytest.fixture(scope="module")
def sent() -> dict[str, set[str]]:
    """MsgType -> tags that were sent in a conversation in which everything occurs."""
    desk = Desk("ACME", "GLOBEX", venue_dialect=(BRAVO,))
    tags: dict[str, set[str]] = defaultdict(set)
    for session in (ALPHA, BRAVO):
        desk.log_on(session)
        for text in all_that_there_is(desk, session):
            (_, msg_type), *fields = field_list(text)
            tags[msg_type] |= {tag for tag, _ in fields}
    return tags


@pytest.mark.parametrize("msg_type", "WXYydfh")
def test_table_has_the_fields_that_are_sent(sent: dict[str, set[str]], msg_type: str) -> None:
    assert set(rows(msg_type)) == sent[msg_type]


@pytest.mark.parametrize("msg_type", "VWXYydfh")
def test_fields_have_the_names_of_the_dictionary(msg_type: str) -> None:
    table = rows(msg_type)
    assert table == {tag: NAMES[tag] for tag in table}


def test_every_code_of_a_refusal_is_documented() -> None:
    listed = re.findall(r"^\| (\w) \| ", DOCUMENT, re.M)
    codes = {value for name, value in vars(requests.RejReason).items() if name.isupper()}
    assert set(listed) == codes


def test_every_entry_type_that_is_offered_is_documented() -> None:
    (line,) = [line for line in DOCUMENT.splitlines() if line.startswith("| 269 | MDEntryType | 0")]
    assert set(re.findall(r"\b([0-9A-C]) [a-zA-Z]", line.partition("MDEntryType |")[2])) == set(
        requests.OFFERED
    )
