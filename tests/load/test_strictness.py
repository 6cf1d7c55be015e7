"""A venue that garbles, loses or repeats a report is noticed: by both load clients."""

import pytest

from tests.fix_message import Message
from tests.load.conftest import Measure, Serve
from tests.load.counterparty import Answers, Spoil, accept
from tests.load.runs import LONG, open_loop, task
from venue.load.task import LoadError

SPOILED = 5
"""MsgSeqNum of the report that something happens to."""


def instead(old: bytes, new: bytes) -> Spoil:
    return lambda number, raw: raw.replace(old, new) if number == SPOILED else raw


def lost(number: int, raw: bytes) -> bytes:
    return b"" if number == SPOILED else raw


def twice(number: int, raw: bytes) -> bytes:
    return raw * 2 if number == SPOILED else raw


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lost, "MsgSeqNum 6 came where 5 was due"),
        (twice, "MsgSeqNum 5 came where 6 was due"),
        (instead(b"150=0", b"150=4"), "garbled"),
        (instead(b"\x0110=", b"\x0110=9"), "garbled"),
        (instead(b"\x019=", b"\x019=1"), "garbled"),
        (instead(b"\x019=", b"\x019=x"), "garbled"),
        (instead(b"8=FIX.4.4", b"8=FIX.4.2"), "garbled"),
        (instead(b"8=FIX.4.4", b"nonsense!"), "garbled"),
    ],
)
def test_a_spoiled_report_ends_the_load(
    measure: Measure, serve: Serve, spoil: Spoil, why: str
) -> None:
    with pytest.raises(LoadError, match=f"^LOAD0: .*{why}"):
        open_loop(measure, task(serve(accept, spoil), 1), 200, LONG)


@pytest.mark.parametrize("piece_bytes", [1, 7, 50])
def test_messages_come_whole_however_they_are_cut(
    measure: Measure, serve: Serve, piece_bytes: int
) -> None:
    counterparty = serve(accept)
    counterparty.piece_bytes = piece_bytes
    outcome = open_loop(measure, task(counterparty, 1), 100, 0.3)
    assert (outcome.answered, outcome.unanswered) == (30, 0)


def test_a_repeated_message_that_says_so_is_passed_over(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        again = [(35, "8"), (34, "2"), (43, "Y"), (11, "run-1"), (39, "0"), (150, "0")]
        return [*accept(message), again]

    outcome = open_loop(measure, task(serve(answer), 1), 100, 0.2)
    assert (outcome.answered, outcome.unanswered) == (20, 0)


def test_a_gap_that_is_filled_is_none(measure: Measure, serve: Serve) -> None:
    number = 1

    def answer(message: Message) -> Answers:
        nonlocal number
        number += 1
        fill = [(35, "4"), (34, str(number)), (123, "Y"), (36, str(number + 3))]
        number += 3
        fields = [(35, "8"), (34, str(number)), (11, message[11]), (39, "0"), (150, "0")]
        return [fill, fields]

    def spoil(numbered: int, raw: bytes) -> bytes:
        return b"" if b"\x0135=5\x01" in raw else raw  # its number would be wrong

    outcome = open_loop(measure, task(serve(answer, spoil), 1), 50, 0.2)
    assert (outcome.answered, outcome.unanswered) == (10, 0)


@pytest.mark.parametrize("new_seq_no", ["1", "x", ""])
def test_a_reset_that_goes_back_ends_the_load(in_c: Measure, serve: Serve, new_seq_no: str) -> None:
    def answer(message: Message) -> Answers:
        return [[(35, "4"), (36, new_seq_no)]]

    with pytest.raises(LoadError, match="SequenceReset that does not go forward"):
        open_loop(in_c, task(serve(answer), 1), 100, LONG)


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ([(11, "run-1"), (39, "0"), (150, "0")], "run-1 is answered for the second time"),
        ([(11, "run-999999"), (39, "0"), (150, "0")], "run-999999, which was never sent"),
        ([(11, "run-"), (39, "0"), (150, "0")], "ClOrdID run-, which was never sent"),
        ([(11, "run-1x"), (39, "0"), (150, "0")], "run-1x, which was never sent"),
        ([(39, "0"), (150, "0")], "without ExecType, OrdStatus or ClOrdID"),
        ([(11, "run-1"), (150, "0")], "without ExecType, OrdStatus or ClOrdID"),
        ([(11, "run-1"), (39, "0")], "without ExecType, OrdStatus or ClOrdID"),
    ],
)
def test_a_report_that_cannot_be_ends_the_load(
    in_c: Measure, serve: Serve, report: list[tuple[int, str]], why: str
) -> None:
    def answer(message: Message) -> Answers:
        return [*accept(message), [(35, "8"), *report]]

    with pytest.raises(LoadError, match=why):
        open_loop(in_c, task(serve(answer), 1), 100, LONG)


def test_reports_of_an_earlier_run_are_no_answers(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        earlier = [(35, "8"), (11, "earlier-1"), (39, "2"), (150, "F")]
        canceled = [(35, "8"), (11, "earlier-2"), (39, "4"), (150, "4")]
        return [earlier, canceled, *accept(message)]

    outcome = open_loop(measure, task(serve(answer), 1), 100, 0.2)
    assert (outcome.answered, outcome.unanswered) == (20, 0)


def test_an_order_that_is_canceled_later_by_itself_is_not_answered_again(
    measure: Measure, serve: Serve
) -> None:
    def answer(message: Message) -> Answers:
        return [*accept(message), [(35, "8"), (11, message[11]), (39, "4"), (150, "4")]]

    outcome = open_loop(measure, task(serve(answer), 1), 100, 0.2)
    assert (outcome.answered, outcome.unanswered) == (20, 0)
