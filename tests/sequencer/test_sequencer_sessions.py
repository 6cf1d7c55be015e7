"""Logons, resets and stops through the sequencer: on disk first, and no report is lost to them."""

import os

import pytest

from venue.domain import commands as c
from venue.domain.outgoing import Outgoing
from venue.journal.record import Batch, SessionMark, decode_batch
from venue.sequencer import sequencer
from venue.sequencer.writer import JournalWriteError

from ..engine.builders import buy, sell
from ..journal.builders import frames
from .builders import Trading, last_batch, mark_on, missed_fills, told


def batches(trading: Trading, newest: int) -> list[Batch]:
    return [decode_batch(frame.body) for frame in frames(trading.directory)][-newest:]


def commands(batch: Batch) -> list[str]:
    return [type(record.command).__name__ for record in batch.records]


def test_logon_is_durable_in_a_batch_of_its_own_behind_all_that_waited(trading: Trading) -> None:
    trading.log_out("ALPHA")
    trading.receive(sell("B1", "1", "100"))
    trading.log_on("ALPHA")
    before, logon = batches(trading, 2)
    assert (commands(before), commands(logon)) == (["LogOut", "EnterOrder"], ["LogOn"])
    assert logon.sessions == {"ALPHA": mark_on(3, 2)}


def test_logon_ahead_of_the_expected_number_is_not_counted(trading: Trading) -> None:
    trading.log_out("ALPHA")
    trading.sequencer.commit_logon(c.LogOn("ALPHA"), 9)
    assert last_batch(trading).sessions == {"ALPHA": mark_on(2, 2)}


def test_logon_with_reset_is_on_disk_before_the_sessions_numbers_go_back(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    trading.sequencer.commit_logon(c.LogOn("ALPHA", True), 1)
    assert last_batch(trading).sessions == {"ALPHA": mark_on(2, 1)}
    assert (trading.port.next_in("ALPHA"), trading.port.next_out("ALPHA")) == (3, 4)
    state = trading.book["ALPHA"]
    assert (state.next_in, state.next_out, state.stored, state.milestones) == (2, 1, {}, [])


@pytest.mark.parametrize("reset", [True, False])
def test_logon_in_the_middle_of_a_session_ends_what_was_before_it(
    trading: Trading, reset: bool
) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.port.silent.add("ALPHA")
    (fill,) = (m for m in trading.say(sell("B1", "2", "100")) if m.session == "ALPHA")
    trading.log_on("ALPHA", reset, owed=False)
    marked, logon = batches(trading, 2)
    assert marked == Batch([], {"ALPHA": SessionMark(3, 4, unread_from=3)})
    assert logon.sessions == {"ALPHA": mark_on(2, 1) if reset else mark_on(4, 4)}
    state = trading.book["ALPHA"]
    assert ([kept.text for kept in state.owed], state.unread) == (
        ([fill.text], set()) if reset else ([], {3})
    )


def test_what_waited_when_a_session_reset_is_sent_after_its_logon(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.port.silent.add("ALPHA")
    trading.receive(sell("B1", "2", "100"))
    trading.log_on("ALPHA", reset=True, owed=False)
    assert told(trading.port.take(), "150") == [("BRAVO", "0"), ("BRAVO", "F"), ("ALPHA", "F")]
    trading.sequencer.send_owed("ALPHA")
    (fill,) = trading.port.take()
    assert (fill.session, fill.number, fill.tags["150"], fill.again) == ("ALPHA", 2, "F", True)
    trading.sequencer.send_owed("ALPHA")
    assert trading.port.take() == []


def test_reports_not_read_while_logged_out_come_again_after_a_reset(trading: Trading) -> None:
    missed = missed_fills(trading, 2)
    trading.log_on("ALPHA", reset=True)
    again = trading.port.take()
    assert [m.text for m in again] == missed, "the same reports with the same ExecIDs"
    assert [(m.number, m.again) for m in again] == [(2, True), (3, True)]
    assert last_batch(trading) == Batch(
        [], {"ALPHA": SessionMark(2, 2, 2, resent=2, sent_ns=again[0].sent_ns)}
    )


def test_much_that_is_owed_is_sent_a_part_at_a_time_and_keeps_its_order(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "_OWED_AT_ONCE", 2)
    missed = missed_fills(trading, 5)
    trading.log_on("ALPHA", reset=True, owed=False, cancels=False)
    assert trading.sequencer.send_owed("ALPHA")
    assert [m.text for m in trading.port.take()] == missed[:2]
    trading.port.silent.add("ALPHA")  # reads no more, and comes anew
    assert trading.sequencer.send_owed("ALPHA")
    trading.port.take()
    trading.log_out("ALPHA")
    trading.port.silent.clear()
    trading.log_on("ALPHA", reset=True, owed=False, cancels=False)
    assert [kept.text for kept in trading.book["ALPHA"].owed] == missed[2:]
    assert trading.replayed().sessions["ALPHA"].owed == trading.book["ALPHA"].owed
    assert trading.sequencer.send_owed("ALPHA")
    assert not trading.sequencer.send_owed("ALPHA")
    assert [m.text for m in trading.port.take()] == missed[2:]


def test_what_is_owed_is_on_disk_before_it_is_sent(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = missed_fills(trading, 2)
    trading.log_on("ALPHA", reset=True, owed=False)
    seen: list[Batch] = []
    send = trading.port.send

    def look_and_send(message: Outgoing, sent_ns: int, *, again: bool) -> None:
        seen.append(last_batch(trading))
        send(message, sent_ns, again=again)

    monkeypatch.setattr(trading.port, "send", look_and_send)
    trading.sequencer.send_owed("ALPHA")
    assert [batch.sessions["ALPHA"].resent for batch in seen] == [2, 2]
    assert [m.text for m in trading.port.take()] == missed


def test_full_disk_sends_nothing_of_what_is_owed(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = missed_fills(trading)
    trading.log_on("ALPHA", reset=True, owed=False)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(JournalWriteError):
        trading.sequencer.send_owed("ALPHA")
    assert trading.port.take() == []
    assert trading.sequencer.unsure == ["ALPHA"]
    assert [kept.text for kept in trading.replayed().sessions["ALPHA"].owed] == missed


def test_plain_logon_leaves_what_was_not_read_to_the_clients_resend_request(
    trading: Trading,
) -> None:
    missed_fills(trading)
    trading.log_on("ALPHA")
    assert trading.port.take() == []
    assert len(trading.book["ALPHA"].unread) == 1


def test_report_that_lost_its_number_to_the_operators_reset_comes_again(trading: Trading) -> None:
    missed = missed_fills(trading)
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    trading.log_on("ALPHA", cancels=False)
    assert [(m.text, m.again) for m in trading.port.take()] == [(missed[0], True)]


def test_report_comes_again_though_the_logon_with_reset_broke_off(trading: Trading) -> None:
    (missed,) = missed_fills(trading)
    trading.log_on("ALPHA", reset=True, owed=False, cancels=False)
    trading.log_out("ALPHA")
    trading.say(sell("B9", "1", "100"))
    trading.log_on("ALPHA", owed=False, cancels=False)
    for state in (trading.replayed().sessions["ALPHA"], trading.book["ALPHA"]):
        assert [kept.text for kept in state.owed] == [missed]
        assert len(state.unread) == 1
    trading.sequencer.send_owed("ALPHA")
    assert [(m.text, m.again) for m in trading.port.take()] == [(missed, True)]


def test_report_sent_again_comes_once_more_when_it_was_not_read_either(trading: Trading) -> None:
    (missed,) = missed_fills(trading)
    trading.port.silent.add("ALPHA")
    for _ in range(3):
        trading.log_on("ALPHA", reset=True, cancels=False)
        assert [(m.text, m.number, m.again) for m in trading.port.take()] == [(missed, 2, True)]
        trading.log_out("ALPHA")
    trading.port.silent.clear()
    for expected in ([missed], []):
        trading.log_on("ALPHA", reset=True, cancels=False)
        assert [m.text for m in trading.port.take()] == expected
        trading.log_out("ALPHA")


def test_operators_reset_is_durable_and_begins_at_one(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    assert (trading.port.next_in("ALPHA"), trading.port.next_out("ALPHA")) == (1, 1)
    batch = last_batch(trading)
    assert batch.sessions == {"ALPHA": SessionMark(1, 1)}
    assert commands(batch) == ["ResetSession"]


def test_commands_that_change_a_sessions_numbers_cause_no_reports(trading: Trading) -> None:
    missed_fills(trading)
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    trading.log_on("ALPHA", reset=True)
    told_of = [
        record
        for batch in batches(trading, 1_000)
        for record in batch.records
        if isinstance(record.command, c.LogOn | c.ResetSession)
    ]
    assert len(told_of) == 5
    for record in told_of:
        assert [r for event in record.events for r in trading.encoder.reports(event)] == []


def test_clean_stop_drains_and_records_exact_numbers(trading: Trading) -> None:
    trading.receive(buy("A1", "5", "100"))
    trading.sequencer.stop(["ALPHA", "BRAVO"])
    assert last_batch(trading) == Batch(
        [], {"ALPHA": mark_on(3, 3), "BRAVO": mark_on(2, 2)}, clean_stop=True
    )
    assert told(trading.port.take(), "150") == [("ALPHA", "0")]


def test_clean_stop_knows_what_was_not_read(trading: Trading) -> None:
    """The door logs sessions out first, and says nothing to the sequencer any more."""
    trading.say(buy("A1", "9", "100"))
    trading.port.silent.add("ALPHA")
    first = trading.say(sell("B1", "1", "100"))
    trading.receive(sell("B2", "1", "100"))
    trading.port.detach("ALPHA")
    trading.sequencer.stop(["ALPHA", "BRAVO"])
    second = trading.port.take()
    missed = {m.number: m.text for m in first + second if m.session == "ALPHA"}
    assert [m.left for m in second if m.session == "ALPHA"] == [False]
    assert last_batch(trading).sessions["ALPHA"] == SessionMark(3, 5, unread_from=3)
    for state in (trading.book["ALPHA"], trading.replayed().sessions["ALPHA"]):
        assert {number: state.stored[number].text for number in state.unread} == missed
        assert not state.logged_on


def test_session_that_the_operator_ends_is_logged_out_once_that_is_on_disk(
    trading: Trading,
) -> None:
    trading.put(c.LogOutSession("ALPHA", "ann", "maintenance"))
    trading.put(c.LogOutSession("NOBODY", "ann", "no such session"))
    trading.sequencer.drain()
    assert trading.port.ended == [("ALPHA", "SESSION_ENDED by the operator")]
