"""docs/DROP_COPY.md: its tables are what the venue sends, asks and refuses."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.dropcopy.copies import busy_events
from tests.fix_message import Message
from tests.marketdata.events import busted, corrected, order, traded
from tests.spec.dictionary import DICTIONARY, NAMES
from venue.clearing.portfolio.report import AccountBalance, PositionRow
from venue.domain.commands import Party
from venue.domain.order_state import OrderState
from venue.domain.types import Side
from venue.fixdc.copies import copies_of
from venue.fixdc.position_reports import Reported, Result, position_report, positions_ack
from venue.fixdc.requests import PositionsWanted, Request, TradesWanted
from venue.fixdc.trade_reports import request_ack, trade_report

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "DROP_COPY.md").read_text()
SOURCE = "".join(path.read_text() for path in sorted((ROOT / "venue" / "fixdc").glob("*.py")))
REFUSALS = (ROOT / "venue" / "fix" / "refusals.py").read_text()
CODE = re.compile(r'f?"([A-Z]+(?:_[A-Z]+)+|THROTTLED) ')


def section(heading: str) -> str:
    """Text below a heading, up to the next one."""
    begin = DOCUMENT.index(f"{heading}\n") + len(heading)
    return re.split(r"^#+ ", DOCUMENT[begin:], maxsplit=1, flags=re.MULTILINE)[0]


def rows(heading: str) -> dict[int, str]:
    """Tag and name of each row of the table in a section."""
    return {
        int(tag): name
        for tag, name in re.findall(r"^\| (\d+) \| (\w+)", section(heading), re.MULTILINE)
    }


def rich(name: str, side: Side) -> OrderState:
    """An order that has all that a trade report can tell."""
    state = order(name, side, "100", "0")
    terms = replace(
        state.terms, account="A1", order_capacity="P", parties=(Party("T1", "D", "12"),)
    )
    return replace(state, terms=terms)


def tags_of_trade_reports() -> set[int]:
    buy, sell = rich("B", Side.BUY), rich("S", Side.SELL)
    trade = traded(2, "100", "7", buy, sell, amount="700")
    with_fee = replace(trade, buy=replace(trade.buy, fee="1"), sell=replace(trade.sell, fee="1"))
    events = [
        with_fee,
        corrected(3, trade, "101", "6", "606", buy, sell),
        busted(4, trade, buy, sell),
        replace(trade, settlement_date="2026-12-02"),
        *busy_events(seed=3, commands=500),
    ]
    found: set[int] = set()
    for event in events:
        for copy in copies_of(event):
            if copy.is_trade:
                text = trade_report(copy, "R1", last=True)
                found |= {tag for tag, _ in Message(text.encode()).fields}
    return found - {35}


def test_fields_of_a_trade_report_are_those_of_the_table() -> None:
    told = rows("### TradeCaptureReport (AE)")
    assert set(told) == tags_of_trade_reports()
    assert told == {tag: NAMES[tag] for tag in told}


def test_fields_of_the_acknowledgement_are_those_of_the_table() -> None:
    request = Request("AD", 7, {"55": "ACME"}, "")
    wanted = TradesWanted(request, "R1", "0", "0", None, (), ())
    text = request_ack(wanted, "2", "99", "WHY it is", 5)
    told = rows("### TradeCaptureReportRequestAck (AQ)")
    assert set(told) == {tag for tag, _ in Message(text.encode()).fields} - {35}
    assert told == {tag: NAMES[tag] for tag in told}


def test_fields_of_position_messages_are_those_of_the_tables() -> None:
    request = Request("AN", 7, {}, "")
    wanted = PositionsWanted(request, "P1", "0", "0", "ALPHA", "A1", "1", "ACME", "USD", "20260105")
    row = PositionRow(
        "A1", "ACME", "ACME", "USD", "5", "12", "60", "12", "60", "0", "20", "1", True, 4, "M4"
    )
    balance = AccountBalance("A1", "ACME", "1", "4", None, None, "0")
    texts = {
        "### RequestForPositionsAck (AO)": positions_ack(wanted, "ALPHA", Result("99", "WHY")),
        "### PositionReport (AP)": position_report(
            wanted, "ALPHA", Reported(row, 5, 1, 1, "11", balance)
        ),
    }
    for heading, text in texts.items():
        told = rows(heading)
        assert set(told) == {tag for tag, _ in Message(text.encode()).fields} - {35}
        assert told == {tag: NAMES[tag] for tag in told}


def test_user_messages_have_the_fields_of_the_table() -> None:
    told = rows("## ExecIDRangeRequest (U1) and ExecIDRangeComplete (U2)")
    for msg_type, required in (("U1", {21001, 21002}), ("U2", {21001, 21002, 21003, 21004})):
        assert {tag for tag in told if DICTIONARY.isRequiredField(msg_type, tag)} == required
    assert set(told) == {tag for tag in NAMES if DICTIONARY.isMsgField("U2", tag)}
    assert told == {tag: NAMES[tag] for tag in told}


def test_criteria_are_those_that_are_looked_at() -> None:
    told = set(
        map(int, re.findall(r"^\| (\d+) \|", section("## TradeCaptureReportRequest (AD)"), re.M))
    )
    looked_at = set(map(int, re.findall(r'^        "(\d+)": ', SOURCE, re.MULTILINE)))
    assert told == looked_at | {60, 75, 448}


def test_every_code_is_in_the_table_and_no_other() -> None:
    codes = set(CODE.findall(SOURCE)) | {"UNKNOWN_ORDER"} | set(CODE.findall(REFUSALS))
    codes |= set(re.findall(r'code = "([A-Z_]+)"', REFUSALS))
    told = re.findall(r"^\| `([A-Z_]+)` \|", section("## What is refused"), re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) <= codes
    assert set(CODE.findall(SOURCE)) - {"COPIES_LOST"} <= set(told)
    assert "COPIES_LOST" in DOCUMENT


def test_settings_of_the_table_are_those_of_a_session() -> None:
    from venue.settings.sections import SessionSettings

    told = re.findall(r"^\| `(\w+)` \|", section("## Over FIX: the session"), re.MULTILINE)
    assert set(told) <= set(SessionSettings.model_fields)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)", DOCUMENT))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
