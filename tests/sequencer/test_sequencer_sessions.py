"""Logons, resets and stops through the sequencer: on disk first, and no report is lost to them."""

from venue.domain import commands as c
from venue.journal.record import Batch, SessionMark, decode_batch

from ..engine.builders import buy, sell
from ..journal.builders import frames
from .builders import Trading, last_batch, told


def test_logon_is_durable_in_a_batch_of_its_own_behind_all_that_waited(trading: Trading) -> None:
    trading.receive(sell("B1", "1", "100"))
    trading.log_on("ALPHA")
    batches = [decode_batch(frame.body) for frame in frames(trading.directory)][-2:]
    assert [type(batch.records[0].command).__name__ for batch in batches] == ["EnterOrder", "LogOn"]
    assert batches[1].sessions == {"ALPHA": SessionMark(3, 2)}


def test_logon_ahead_of_the_expected_number_is_not_counted(trading: Trading) -> None:
    trading.sequencer.commit_logon(c.LogOn("ALPHA"), 9)
    assert last_batch(trading).sessions == {"ALPHA": SessionMark(2, 2)}


def test_what_waited_when_a_session_reset_is_sent_after_its_logon(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.receive(sell("B1", "2", "100"))
    trading.log_on("ALPHA", reset=True, resend=False)
    assert told(trading.port.take(), "150") == [("BRAVO", "0"), ("BRAVO", "F")]
    trading.sequencer.resend_due("ALPHA")
    (fill,) = trading.port.take()
    assert (fill.session, fill.number, fill.tags["150"], fill.poss_resend) == (
        "ALPHA", 2, "F", True,
    )  # fmt: skip
    trading.sequencer.resend_due("ALPHA")
    assert trading.port.take() == []


def test_reports_due_while_logged_out_come_again_after_a_reset(trading: Trading) -> None:
    trading.log_on("ALPHA", cancels=False)
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    due = trading.say(sell("B1", "2", "100"), sell("B2", "1", "100"))
    missed = [m.text for m in due if m.session == "ALPHA"]
    assert len(missed) == 2
    trading.log_on("ALPHA", reset=True)
    again = trading.port.take()
    assert [m.text for m in again] == missed, "the same reports with the same ExecIDs"
    assert [(m.number, m.poss_resend) for m in again] == [(2, True), (3, True)]
    assert last_batch(trading) == Batch([], {"ALPHA": SessionMark(2, 2, 2, (), 2)})


def test_plain_logon_leaves_what_was_due_to_the_sessions_own_resend(trading: Trading) -> None:
    trading.log_on("ALPHA", cancels=False)
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    trading.say(sell("B1", "2", "100"))
    trading.log_on("ALPHA")
    trading.sequencer.resend_due("ALPHA")
    assert trading.port.take() == []


def missed_fill(trading: Trading) -> str:
    """A report that falls due while ALPHA is out."""
    trading.log_on("ALPHA", cancels=False)
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    (text,) = (m.text for m in trading.say(sell("B1", "2", "100")) if m.session == "ALPHA")
    return text


def test_report_that_lost_its_number_to_the_operators_reset_comes_again(trading: Trading) -> None:
    missed = missed_fill(trading)
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    trading.log_on("ALPHA", cancels=False)
    trading.sequencer.resend_due("ALPHA")
    assert [(m.text, m.poss_resend) for m in trading.port.take()] == [(missed, True)]


def test_report_comes_again_though_the_logon_with_reset_broke_off(trading: Trading) -> None:
    missed = missed_fill(trading)
    trading.log_on("ALPHA", reset=True, resend=False, cancels=False)
    trading.log_out("ALPHA")
    trading.say(sell("B2", "1", "100"))
    trading.log_on("ALPHA", cancels=False)
    recovered = trading.replayed().sessions["ALPHA"]
    assert recovered.due == trading.book["ALPHA"].due == [missed]
    trading.sequencer.resend_due("ALPHA")
    assert [(m.text, m.poss_resend) for m in trading.port.take()] == [(missed, True)]


def test_operators_reset_is_durable_and_begins_at_one(trading: Trading) -> None:
    trading.say(buy("A1", "5", "100"))
    trading.log_out("ALPHA")
    trading.sequencer.drain()
    trading.sequencer.reset_session(c.ResetSession("ALPHA"))
    assert (trading.port.next_in("ALPHA"), trading.port.next_out("ALPHA")) == (1, 1)
    batch = last_batch(trading)
    assert batch.sessions == {"ALPHA": SessionMark(1, 1)}
    assert [type(record.command) for record in batch.records] == [c.ResetSession]


def test_clean_stop_drains_and_records_exact_numbers(trading: Trading) -> None:
    trading.receive(buy("A1", "5", "100"))
    trading.sequencer.stop(["ALPHA", "BRAVO"])
    assert last_batch(trading) == Batch(
        [], {"ALPHA": SessionMark(3, 3), "BRAVO": SessionMark(2, 2)}, clean_stop=True
    )
    assert told(trading.port.take(), "150") == [("ALPHA", "0")]


def test_session_that_the_operator_ends_is_logged_out_once_that_is_on_disk(
    trading: Trading,
) -> None:
    trading.log_on("ALPHA")
    trading.put(c.LogOutSession("ALPHA", "ann", "maintenance"))
    trading.put(c.LogOutSession("NOBODY", "ann", "no such session"))
    trading.sequencer.drain()
    assert trading.port.ended == [("ALPHA", "SESSION_ENDED by the operator")]
