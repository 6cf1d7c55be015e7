"""A copy is the report of the order session field by field, and nothing of anybody else's."""

import pytest

from tests.dropcopy.copies import busy_events
from tests.dropcopy.test_drop_copy import of_member
from tests.fix_message import Message
from tests.marketdata.events import busted, corrected, traded
from tests.marketdata.random_venue import SESSIONS
from venue.domain.types import Side
from venue.fix.encode import ReportEncoder
from venue.fixdc.copies import COPIED_TYPES, copies_of
from venue.fixdc.sources import Level, Sources

EVERYBODY = frozenset(SESSIONS.values())
EVENTS = busy_events(seed=3, commands=2_000)


@pytest.mark.parametrize("venue_dialect", [False, True])
def test_copy_is_the_report_with_797(venue_dialect: bool) -> None:
    encoder = ReportEncoder(frozenset(SESSIONS) if venue_dialect else frozenset())
    for event in EVENTS:
        reports = {}
        for report in encoder.reports(event):
            fields = Message(report.text.encode())
            if fields.msg_type == "8":
                reports[fields[17]] = (report.session, report.text)  # the order's own comes last
        copies = copies_of(event)
        assert [copy.exec_id for copy in copies] == list(reports)
        assert bool(copies) <= (type(event).__name__ in COPIED_TYPES)
        for copy in copies:
            session, text = reports[copy.exec_id]
            told = copy.text_for(venue_dialect=venue_dialect)
            assert told.count("\x01797=Y\x01") == 1
            assert told.replace("797=Y\x01", "") == text
            assert (copy.session, copy.member) == (session, SESSIONS[session])
            assert copy.account == Message(text.encode()).get(1)
            assert copy.is_trade == (Message(text.encode())[150] in "FGH")


@pytest.mark.parametrize("aggressor", [Side.BUY, Side.SELL, None])
def test_each_side_learns_nothing_of_the_other(aggressor: Side | None) -> None:
    buy, sell = of_member("BUYER", Side.BUY), of_member("SELLER", Side.SELL)
    trade = traded(2, "100", "7", buy, sell, aggressor=aggressor, amount="700")
    for event in (
        trade,
        corrected(3, trade, "101", "6", "606", buy, sell),
        busted(4, trade, buy, sell),
    ):
        by_member = {copy.member: copy.text for copy in copies_of(event)}
        assert set(by_member) == {"BUYER", "SELLER"}
        assert "SELLER" not in by_member["BUYER"]
        assert "BUYER" not in by_member["SELLER"]


def test_levels_part_trades_from_all_other_reports() -> None:
    copies = [copy for event in EVENTS for copy in copies_of(event)]

    def told(levels: Level) -> set[str]:
        sources = Sources(EVERYBODY, levels=levels)
        return {copy.exec_id for copy in copies if sources.wants(copy)}

    assert told("trades") | told("orders") == told("both") == {copy.exec_id for copy in copies}
    assert told("trades") & told("orders") == set()
    assert told("trades") == {copy.exec_id for copy in copies if copy.is_trade} != set()


def test_accounts_narrow_the_members() -> None:
    buy, sell = of_member("BUYER", Side.BUY), of_member("SELLER", Side.SELL)
    copies = copies_of(traded(2, "100", "7", buy, sell, amount="700"))
    for accounts, members in (
        ((), {"BUYER", "SELLER"}),
        (("BUYER-ACCOUNT",), {"BUYER"}),
        (("OTHER",), set()),
    ):
        sources = Sources(frozenset({"BUYER", "SELLER"}), frozenset(accounts))
        assert {copy.member for copy in copies if sources.wants(copy)} == members
    assert not any(Sources(frozenset({"THIRD"})).has(copy) for copy in copies)
