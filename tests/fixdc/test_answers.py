"""What a listener asks for: copies by ExecID, open orders, trades; each refused in words."""

from pathlib import Path

import pytest

from tests.fix_message import Message
from venue.engine.engine import Engine
from venue.fixdc.answering import MOST
from venue.fixdc.copies import copies_of
from venue.fixdc.listener import Terms
from venue.fixdc.open_orders import OpenOrders
from venue.fixdc.sources import Sources

from .desk import KNOWN, Desk
from .venue_day import (
    LISTENER,
    OF_ALPHA,
    Client,
    FakeWire,
    Journal,
    ask,
    copies,
    exec_ids,
    listening,
    resent,
)

TRADES = [copy for copy in copies() if copy.is_trade]


def test_range_of_exec_ids_comes_again_and_its_count(desk: Desk) -> None:
    known = exec_ids(KNOWN)
    for begin, end in ((known[3], known[9]), (known[0], known[-1]), (known[4], known[4])):
        *reports, done = desk.ask("U1", (21001, begin), (21002, end))
        wanted = [each for each in known if int(begin) <= int(each) <= int(end)]
        assert [report[17] for report in reports] == wanted
        assert all(sent.again for sent in desk.client.reports)
        assert (done.msg_type, done[21001], done[21002]) == ("U2", begin, end)
        assert (done[21003], done[21004]) == (str(len(wanted)), "Y")
    *reports, done = desk.ask("U1", (21001, "10"), (21002, "last"))
    assert [report[17] for report in reports] == known
    sent = desk.client.reports[0]
    kept = resent(desk.core, sent.number, sent.number)[sent.number]
    assert kept.again and kept.text == sent.message.text, "a copy by request has a number, too"


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("x", "last", "EXEC_ID_RANGE_INVALID 21001"),
        ("0", "last", "EXEC_ID_RANGE_INVALID 21001"),
        ("19", "last", "EXEC_ID_RANGE_INVALID 21001"),
        ("10", "1x", "EXEC_ID_RANGE_INVALID 21002"),
        ("90", "80", "EXEC_ID_RANGE_INVALID 21001 is above"),
        ("10", "99999990", "EXEC_ID_UNKNOWN"),
        ("99999990", "last", "EXEC_ID_UNKNOWN"),
    ],
)
def test_range_that_is_none_is_refused_in_words(
    desk: Desk, begin: str, end: str, code: str
) -> None:
    (refused,) = desk.ask("U1", (21001, begin), (21002, end))
    assert (refused.msg_type, refused[372], refused[380]) == ("j", "U1", "0")
    assert refused[58].startswith(code)
    assert (refused[45], refused[379]) == ("7", begin)


def test_range_beyond_retention_is_refused_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.core._feed, "first_event_seq", lambda: 40)
    (refused,) = desk.ask("U1", (21001, "10"), (21002, "last"))
    assert refused[58] == "EXEC_ID_NOT_KEPT the journal begins with ExecID 400"


def test_stock_session_is_told_that_u1_is_not_for_it(tmp_path: Path) -> None:
    wire, client, stock = FakeWire(), Client(), Terms(OF_ALPHA.sources)
    with (
        Journal(tmp_path / "journal") as journal,
        listening(tmp_path / "dc", wire, journal, stock) as core,
    ):
        journal.write()
        client.log_on(core, wire)
        client.listen(core, wire)
        ask(core, "U1", (21001, "10"), (21002, "last"))
        client.listen(core, wire)
    refused = next(sent.fields for sent in client.read if sent.fields.msg_type == "j")
    assert (refused[380], refused[58].split()[0]) == ("3", "DIALECT_UNSUPPORTED")


def open_orders(terms: Terms = OF_ALPHA) -> dict[str, Message]:
    """The open orders of these events by OrderID, as the last copy of each has them."""
    found: dict[str, Message] = {}
    for event in KNOWN:
        for copy in copies_of(event):
            if copy.order is not None and terms.sources.has(copy):
                found.pop(copy.order.terms.order_id, None)
                if copy.order.leaves_qty != "0":
                    found[copy.order.terms.order_id] = Message(copy.text.encode())
    return found


def test_open_orders_are_told_with_the_last_marked(desk: Desk) -> None:
    wanted = open_orders()
    assert len(wanted) > 2
    told = desk.ask("AF", (584, "S1"), (585, "7"))
    assert {each[37] for each in told} == wanted.keys()
    assert [each.get(912) for each in told] == [*[""] * (len(told) - 1), "Y"]
    for each in told:
        assert (each[150], each[17], each[584], each[911]) == ("I", "0", "S1", str(len(wanted)))
        last = wanted[each[37]]
        assert [each[tag] for tag in (11, 14, 38, 54, 55)] == [
            last[t] for t in (11, 14, 38, 54, 55)
        ]
    by_symbol = desk.ask("AF", (584, "S2"), (585, "1"), (55, "ACME"))
    assert {each[37] for each in by_symbol} == {k for k, v in wanted.items() if v[55] == "ACME"}
    by_party = desk.ask(
        "AF", (584, "S3"), (585, "8"), (453, "1"), (448, "ALPHA"), (447, "D"), (452, "1")
    )
    assert {each[37] for each in by_party} == wanted.keys()


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("8", [(453, "1"), (448, "BRAVO"), (447, "D"), (452, "1")], "no open order"),
        ("7", [(55, "NOPE")], "no open order"),
        ("2", [], "585=2 is not offered"),
    ],
)
def test_no_open_order_is_one_answer(
    desk: Desk, kind: str, fields: list[tuple[int, str]], why: str
) -> None:
    (none,) = desk.ask("AF", (584, "S1"), (585, kind), *fields)
    assert (none[150], none[39], none[37], none[911], none[912]) == ("I", "8", "NONE", "0", "Y")
    assert none[58] == f"UNKNOWN_ORDER {why}"


def test_open_orders_of_a_snapshot_are_those_of_all_events(tmp_path: Path) -> None:
    from tests.marketdata.random_venue import RandomVenue
    from venue.journal.segment import JournalPosition
    from venue.replay.snapshot import snapshot_of, write_snapshot
    from venue.sequencer.session_state import SessionBook

    venue = RandomVenue(5)
    half: list[object] = []
    followed, begun = OpenOrders(), OpenOrders()
    for number, events in enumerate(venue.run(250)):
        for event in events:
            followed.take(event)
        if number == 150:
            last = venue.engine.state.next_event_seq - 1
            position = JournalPosition(None, 0, 0, number + 2, last + 1)
            snapshot = snapshot_of(
                venue.engine, SessionBook(), position, 1, 1, [], clean_stop=False
            )
            write_snapshot(tmp_path, snapshot)
            assert begun.begin(tmp_path, last - 1) == 0, "it is beyond what is wanted"
            assert begun.begin(tmp_path, last) == last
        elif number > 150:
            half += events
            for event in events:
                begun.take(event)
    everybody = Sources(frozenset({"ALPHA", "BRAVO", "CHARLIE"}))
    orders = {each.terms.order_id: each for each in followed.of(everybody)}
    assert half and orders
    assert {each.terms.order_id: each for each in begun.of(everybody)} == orders
    assert isinstance(venue.engine, Engine)


def test_requests_under_way_are_bounded(desk: Desk) -> None:
    for number in range(MOST):
        desk.ask("AD", (568, f"R{number}"), (569, "0"), (263, "1"))
    (refused,) = desk.ask("AD", (568, "MORE"), (569, "0"))
    assert (refused[750], refused[58].split()[0]) == ("2", "THROTTLED")
    (refused,) = desk.ask("U1", (21001, "10"), (21002, "last"))
    assert (refused.msg_type, refused[58].split()[0]) == ("j", "THROTTLED")
    desk.client.log_out(desk.core, desk.wire)
    desk.client.log_on(desk.core, desk.wire)
    desk.heard()
    assert desk.ask("U1", (21001, "10"), (21002, "last"))[-1].msg_type == "U2"


def test_no_side_is_told_of_the_others(tmp_path: Path) -> None:
    wire, client, terms = FakeWire(), Client(), Terms(Sources(frozenset({"BRAVO"})))
    with (
        Journal(tmp_path / "journal") as journal,
        listening(tmp_path / "dc", wire, journal, terms) as core,
    ):
        journal.write()
        client.log_on(core, wire)
        client.listen(core, wire)
        ask(core, "AD", (568, "R"), (569, "0"))
        ask(core, "AF", (584, "S"), (585, "7"))
        client.listen(core, wire)
    sessions = {sent.message.route for sent in client.read if sent.message.route}
    assert sessions == {"115=B1\x01"}
    assert {sent.fields.msg_type for sent in client.read} >= {"8", "AE", "AQ"}
    assert LISTENER
