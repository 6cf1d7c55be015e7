"""docs/MARKET_DATA.md has each message with its fields in their order, and a right checksum."""

import re
import zlib
from decimal import Decimal
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from venue.marketdata.levels import fixed
from venue.marketdata.messages import KINDS, AnyAnswer, AnyMarketData, MarketData

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "MARKET_DATA.md").read_text()
COMMON = [field.name for field in msgspec.structs.fields(MarketData)]
TYPES = {kind.__name__: kind for kind in (*get_args(AnyMarketData), *get_args(AnyAnswer))}


def chapter(title: str) -> str:
    """From a heading to the next one."""
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def named(text: str) -> list[str]:
    """What the first column of a table names."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_there_is_a_table_for_each_message_and_no_other() -> None:
    assert set(re.findall(r"^### (\w+)$", DOCUMENT, re.MULTILINE)) == set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_table_has_the_fields_of_the_message(name: str) -> None:
    fields = [field.name for field in msgspec.structs.fields(TYPES[name])]
    own = [field for field in fields if name not in MESSAGES or field not in COMMON]
    assert named(chapter(name)) == own


MESSAGES = {kind.__name__ for kind in get_args(AnyMarketData)}


def test_what_all_messages_have_is_said_once() -> None:
    assert named(chapter("Messages")) == COMMON


def test_every_subject_is_there() -> None:
    subjects = named(chapter("Subjects"))
    assert {f"md.<symbol>.{kind}" for kind in KINDS.values()} <= set(subjects)


def test_worked_checksum_is_right() -> None:
    text = chapter("Checksum")
    rows = re.findall(r"^\| (?:ask|bid) \| (\S+) \| (\S+) \| `(\d+)` \|", text, re.MULTILINE)
    assert len(rows) == 4
    for price, quantity, digits in rows:
        assert fixed(Decimal(price), 2) + fixed(Decimal(quantity), 0) == digits
    whole = "".join(digits for *_, digits in rows)
    assert f"The text is `{whole}`, its checksum {zlib.crc32(whole.encode())}." in text
