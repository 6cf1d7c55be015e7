"""Batches: on disk before anything leaves, in order of arrival; a full disk lets nothing out."""

import os
from pathlib import Path

import msgspec
import pytest

from venue.domain import commands as c
from venue.domain.answers import OrderMassStatusQuery, OrderStatusQuery
from venue.domain.events import AnyEvent, CommandRefused, FundsDeposited
from venue.domain.outgoing import Outgoing
from venue.engine.slices import SLICE
from venue.journal.durable import read_position
from venue.journal.record import Batch
from venue.sequencer.inbox import STATUSES, Input
from venue.sequencer.session_state import ADMIN_MESSAGES_PER_MARK
from venue.sequencer.writer import JournalWriteError

from ..engine.builders import buy, cancel, sell
from .builders import Trading, last_batch, mark_on, told


def ask(trading: Trading, session: str, cl_ord_id: str) -> None:
    query = OrderStatusQuery(session, cl_ord_id, "ACME", "1", f"S-{cl_ord_id}")
    number = trading.port.count_in(session)
    trading.sequencer.inbox.put(Input(session, number, query=query))


def test_nothing_is_sent_before_its_event_is_durable(trading: Trading) -> None:
    sent = trading.say(*(buy(f"A{n}", "1", "99") for n in range(20)))
    sent += trading.say(sell("B1", "15", "99"), buy("A99", "1", "500"))
    assert len(sent) == 20 + 1 + 30 + 1
    for message in sent:
        assert int(message.tags["17"]) // 10 <= message.durable_event_seq


def test_messages_of_a_batch_leave_in_the_order_of_what_caused_them(trading: Trading) -> None:
    sent = trading.say(buy("A1", "5", "100"), sell("B1", "3", "100"), cancel("A2", "A1"))
    assert told(sent, "11", "150", "39") == [
        ("ALPHA", "A1", "0", "0"),
        ("BRAVO", "B1", "0", "0"),
        ("BRAVO", "B1", "F", "2"),
        ("ALPHA", "A1", "F", "1"),
        ("ALPHA", "A2", "4", "4"),
    ]
    assert [m.number for m in sent if m.session == "ALPHA"] == [2, 3, 4]
    assert len(last_batch(trading).records) == 3


def test_messages_of_a_batch_leave_at_once(trading: Trading) -> None:
    before = trading.port.flushes
    trading.say(*(buy(f"A{n}", "5", "100") for n in range(4)), sell("B1", "3", "100"))
    assert trading.port.flushes == before + 1


def test_messages_have_the_time_of_their_batch(trading: Trading) -> None:
    sent = trading.say(*(buy(f"A{n}", "5", "100") for n in range(4)), sell("B1", "3", "100"))
    assert {message.sent_ns for message in sent} == {last_batch(trading).records[0].timestamp_ns}
    assert all(
        message.sent_ns == kept.sent_ns
        for message in sent
        for kept in (trading.book[message.session].stored[message.number],)
    )


def test_batch_takes_at_most_max_batch_inputs(directory: Path) -> None:
    trading = Trading(directory, max_batch=2, seed=False)
    for _ in range(5):
        trading.put(c.AdvanceTime())
    counts = []
    while trading.sequencer.run_batch():
        counts.append(len(last_batch(trading).records))
    assert counts == [2, 2, 1]
    trading.writer.close()


def test_nothing_waiting_is_no_batch(trading: Trading) -> None:
    before = trading.writer.position
    assert not trading.sequencer.run_batch()
    assert trading.writer.position == before


def test_records_carry_gapless_seq_and_one_time_for_the_batch(trading: Trading) -> None:
    seq = trading.writer.next_seq
    trading.say(buy("A1", "1", "99"), buy("A2", "1", "98"), buy("A3", "1", "97"))
    records = last_batch(trading).records
    assert [record.seq for record in records] == [seq, seq + 1, seq + 2]
    assert len({record.timestamp_ns for record in records}) == 1
    assert {record.epoch for record in records} == {1}


def test_answers_keep_their_place_between_reports(trading: Trading) -> None:
    trading.receive(buy("A1", "5", "100"))
    ask(trading, "ALPHA", "A1")
    number = trading.port.count_in("ALPHA")
    trading.sequencer.inbox.put(
        Input("ALPHA", number, answer=Outgoing("ALPHA", "35=j\x0145=4\x01"))
    )
    trading.receive(cancel("A2", "A1"))
    ask(trading, "ALPHA", "A1")
    trading.sequencer.drain()
    sent = trading.port.take()
    assert told(sent, "35", "150", "39", "790") == [
        ("ALPHA", "8", "0", "0", "-"),
        ("ALPHA", "8", "I", "0", "S-A1"),
        ("ALPHA", "j", "-", "-", "-"),
        ("ALPHA", "8", "4", "4", "-"),
        ("ALPHA", "8", "I", "4", "S-A1"),
    ]
    batch = last_batch(trading)
    assert len(batch.records) == 2, "answers are no records"
    assert batch.sessions == {"ALPHA": mark_on(7, 2, 5, (1, 2, 4))}


def test_answer_to_an_unknown_order_says_so(trading: Trading) -> None:
    ask(trading, "BRAVO", "A1")
    trading.sequencer.drain()
    assert told(trading.port.take(), "150", "37", "103", "17") == [("BRAVO", "I", "NONE", "5", "0")]


def test_every_session_that_says_or_is_sent_something_is_marked(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    assert last_batch(trading).sessions == {"ALPHA": mark_on(3, 2, 1)}
    trading.say(sell("B1", "5", "100"))
    assert last_batch(trading).sessions == {
        "ALPHA": mark_on(3, 3, 1),
        "BRAVO": mark_on(3, 2, 2),
    }


def test_mark_expects_the_first_message_that_still_waits(directory: Path) -> None:
    trading = Trading(directory, max_batch=1)
    trading.log_on("ALPHA")
    for number in range(3):
        trading.receive(buy(f"A{number}", "1", "99"))
    trading.sequencer.run_batch()
    assert last_batch(trading).sessions["ALPHA"].next_in == 3
    trading.sequencer.drain()
    assert last_batch(trading).sessions["ALPHA"].next_in == 5
    trading.writer.close()


def test_session_messages_are_recorded_at_once_before_a_crash_could_forget_too_many(
    trading: Trading,
) -> None:
    before = last_batch(trading)
    while trading.port.next_out("BRAVO") <= ADMIN_MESSAGES_PER_MARK:
        trading.sequencer.admin_sent("BRAVO")
        trading.port.send_admin("BRAVO")
    assert last_batch(trading) == before
    trading.sequencer.admin_sent("BRAVO")
    assert last_batch(trading) == Batch([], {"BRAVO": mark_on(2, 1 + ADMIN_MESSAGES_PER_MARK)})
    trading.sequencer.admin_sent("BRAVO")
    assert not trading.sequencer.run_batch()


def test_mark_between_batches_expects_the_first_message_that_waits(trading: Trading) -> None:
    for _ in range(ADMIN_MESSAGES_PER_MARK):
        trading.port.send_admin("BRAVO")
    trading.receive(sell("B1", "1", "99"))
    trading.sequencer.admin_sent("BRAVO")
    assert last_batch(trading).sessions["BRAVO"].next_in == 2


def test_a_slice_of_long_work_shares_its_batch_with_what_waits(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3 * SLICE)))
    trading.log_out("ALPHA")
    batches = []
    for name in ("B1", "B2", "B3"):
        trading.receive(sell(name, "1", "101"))
        assert trading.sequencer.run_batch()
        batches.append([type(record.command) for record in last_batch(trading).records])
    assert batches == [
        [c.LogOut, c.EnterOrder],
        [c.CancelRemaining, c.EnterOrder],
        [c.CancelRemaining, c.EnterOrder],
    ]
    assert not trading.sequencer.run_batch()


def test_long_work_of_many_is_no_more_a_batch_than_that_of_one(directory: Path) -> None:
    sessions = [f"S{number}" for number in range(20)]
    trading = Trading(directory)
    for session in sessions:
        trading.put(c.AddSession(session, "ALPHA"))
        for number in range(2 * SLICE):
            trading.put(buy(f"{session}-{number}", "1", "99", session=session))
    trading.sequencer.drain()
    for session in sessions:
        trading.put(c.MassCancel(session, "q", "7"))
    trading.put(c.Kill("member", "ALPHA"))
    trading.sequencer.catch_up()
    trading.port.take()
    most = 0
    while trading.sequencer.run_batch():
        most = max(most, len(trading.port.take()))
    assert SLICE < most <= 2 * (SLICE + 1)
    assert trading.engine.state.members["ALPHA"].open_orders == 0
    trading.writer.close()


def test_batch_that_causes_very_much_leaves_the_rest_for_the_next(directory: Path) -> None:
    trading = Trading(directory, max_batch=8)
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(40)))
    deep = sell("B1", "10", "99")
    for number in range(4):
        trading.receive(msgspec.structs.replace(deep, cl_ord_id=f"B{number}"))
    sizes = []
    while trading.sequencer.run_batch():
        batch = last_batch(trading)
        sizes.append(len(batch.records))
        assert batch.sessions["BRAVO"].next_in == 1 + sum(sizes)
    assert sizes == [1, 1, 1, 1]
    assert [m.tags["11"] for m in trading.port.take() if m.session == "BRAVO"] == [
        f"B{number}" for number in range(4) for _ in range(11)
    ]
    trading.writer.close()


def test_logon_does_not_wait_for_long_work_of_others(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(9 * SLICE)))
    trading.put(c.Kill("member", "ALPHA"))
    trading.log_on("BRAVO")
    assert trading.engine.state.members["ALPHA"].open_orders == 8 * SLICE
    trading.sequencer.drain()
    assert trading.engine.state.members["ALPHA"].open_orders == 0


def test_admin_command_is_notified_once_its_events_are_durable(trading: Trading) -> None:
    seen: list[tuple[list[AnyEvent], int]] = []

    def notify(events: list[AnyEvent]) -> None:
        seen.append((events, read_position(trading.directory)[0]))

    for command in (c.Deposit("ALPHA", "USD", "5"), c.Deposit("ALPHA", "NONE", "5")):
        trading.sequencer.inbox.put(Input(None, 0, command=command, notify=notify))
    trading.sequencer.drain()
    assert [type(event) for events, _ in seen for event in events] == [
        FundsDeposited, CommandRefused,
    ]  # fmt: skip
    assert all(durable >= events[-1].event_seq for events, durable in seen)


def test_resend_of_a_known_order_is_answered_and_has_no_second_effect(trading: Trading) -> None:
    order = c.EnterOrder("ALPHA", "A1", "ACME", "1", "2", "0", "5", "100", poss_resend=True)
    assert told(trading.say(order), "11", "150") == [("ALPHA", "A1", "0")]
    seq = trading.writer.next_seq
    assert told(trading.say(order), "11", "150", "17", "151") == [("ALPHA", "A1", "I", "0", "5")]
    assert trading.writer.next_seq == seq
    best = trading.engine.state.markets["ACME"].book.bids.best
    assert best is not None and best.lots == 5


def test_resend_right_behind_the_original_in_one_batch_has_no_second_effect(
    trading: Trading,
) -> None:
    again = c.EnterOrder("ALPHA", "A1", "ACME", "1", "2", "0", "5", "100", poss_resend=True)
    sent = trading.say(buy("A1", "5", "100"), again)
    assert told(sent, "150") == [("ALPHA", "0"), ("ALPHA", "I")]


def test_full_disk_sends_nothing_and_notifies_nobody(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    notified: list[object] = []
    trading.receive(buy("A1", "5", "100"))
    ask(trading, "ALPHA", "A1")
    trading.sequencer.inbox.put(
        Input(None, 0, command=c.Deposit("ALPHA", "USD", "5"), notify=notified.append)
    )

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    events = trading.writer.next_event_seq - 1
    with pytest.raises(JournalWriteError):
        trading.sequencer.run_batch()
    assert trading.port.take() == [] and notified == []
    assert read_position(trading.directory)[0] == events
    assert trading.replayed(witness=events).engine.state.orders == {}


def ask_for_all(trading: Trading, session: str, request_id: str) -> None:
    query = OrderMassStatusQuery(session, request_id, "7")
    number = trading.port.count_in(session)
    trading.sequencer.inbox.put(Input(session, number, query=query))


def test_mass_status_comes_in_slices_that_share_their_batches_with_what_waits(
    trading: Trading,
) -> None:
    count = 3 * SLICE
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(count)))
    ask_for_all(trading, "ALPHA", "m1")
    sent = []
    for number in range(1, 5):
        trading.receive(sell(f"B{number}", "1", "101"))
        assert trading.sequencer.run_batch()
        sent.append(told(trading.port.take(), "11", "150", "911", "912"))
    assert sent[0] == [("BRAVO", "B1", "0", "-", "-")]
    assert [len(rows) for rows in sent] == [1, SLICE, SLICE + 1, SLICE + 2]
    statuses = [row for rows in sent for row in rows if row[0] == "ALPHA"]
    assert statuses == [
        ("ALPHA", f"A{n}", "I", str(count), "Y" if n == count - 1 else "-") for n in range(count)
    ]
    assert not trading.sequencer.run_batch()
    assert trading.replayed().sessions["ALPHA"].next_out == trading.port.next_out("ALPHA")
    assert trading.replayed().sessions["ALPHA"].next_in == trading.port.next_in("ALPHA")


def test_mass_status_ends_with_the_session(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3 * SLICE)))
    trading.log_on("ALPHA", cancels=False)
    ask_for_all(trading, "ALPHA", "m1")
    ask_for_all(trading, "BRAVO", "m2")
    trading.sequencer.catch_up()
    trading.port.take()
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    assert [(m.session, m.tags["37"]) for m in trading.port.take()] == [
        *(("ALPHA", str(n)) for n in range(1, SLICE)),
        ("BRAVO", "NONE"),
    ]


def test_so_many_mass_status_requests_of_a_session_are_answered_and_no_more(
    trading: Trading,
) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(3)))
    for number in range(STATUSES + 1):
        ask_for_all(trading, "ALPHA", f"m{number}")
    trading.sequencer.drain()
    refused, *statuses = trading.port.take()
    assert (refused.tags["584"], refused.tags["103"], refused.tags["912"]) == ("m8", "99", "Y")
    assert refused.tags["58"].startswith("THROTTLED ")
    assert [m.tags["584"] for m in statuses] == [f"m{n // 3}" for n in range(3 * STATUSES)]


def test_mass_status_goes_on_beside_a_mass_cancel_and_both_end(trading: Trading) -> None:
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(6 * SLICE)))
    ask_for_all(trading, "ALPHA", "m1")
    sent = trading.say(c.MassCancel("ALPHA", "q", "7"))
    statuses = [m for m in sent if m.tags.get("150") == "I"]
    assert [m.tags.get("912") for m in statuses] == [None] * (len(statuses) - 1) + ["Y"]
    gone: set[str] = set()
    for message in sent:
        if message.tags.get("150") == "4":
            gone.add(message.tags["37"])
        elif message is not statuses[-1] and message.tags.get("150") == "I":
            assert message.tags["37"] not in gone, "told of as open after its end"
    assert sent[-1].tags["35"] in ("r", "8") and len(gone) == 6 * SLICE


def test_slices_of_both_turns_leave_the_numbers_of_waiting_messages_alone(directory: Path) -> None:
    trading = Trading(directory, max_batch=1)
    trading.say(*(buy(f"A{n}", "1", "99") for n in range(4 * SLICE)))
    trading.say(*(sell(f"B{n}", "1", "101") for n in range(4 * SLICE)))
    ask_for_all(trading, "BRAVO", "m1")
    trading.put(c.Kill("member", "ALPHA"))
    trading.receive(sell("B", "1", "101"))
    while trading.sequencer.run_batch():
        waiting = trading.sequencer.inbox.first_msg_seq_num("BRAVO")
        expected = waiting or trading.port.next_in("BRAVO")
        mark = last_batch(trading).sessions.get("BRAVO")
        assert mark is None or mark.next_in == expected
    statuses = [m for m in trading.port.take() if m.tags.get("150") == "I"]
    assert [m.tags.get("912") for m in statuses] == [None] * (4 * SLICE - 1) + ["Y"]
    assert trading.replayed().sessions["BRAVO"].next_in == trading.port.next_in("BRAVO")
    trading.writer.close()
