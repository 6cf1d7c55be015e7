"""Batches: on disk before anything leaves, in order of arrival; a full disk lets nothing out."""

import os
from pathlib import Path

import pytest

from venue.domain import commands as c
from venue.domain.answers import OrderStatusQuery
from venue.domain.events import AnyEvent, CommandRefused, FundsDeposited
from venue.domain.outgoing import Outgoing
from venue.journal.durable import read_position
from venue.journal.record import Batch
from venue.sequencer.inbox import Input
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
    assert not trading.replayed(witness=events).engine.state.orders
