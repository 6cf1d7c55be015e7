"""Orders that are refused, lost, unanswered, filled in parts: as the tests' FIX client sees it."""

import time

import pytest

from tests.fix_client import FixClient
from tests.fix_message import Message, cancel, new_order, replace
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.simulator import (
    Delay,
    Drop,
    Fill,
    Lose,
    NoAnswer,
    On,
    Reject,
    ScriptError,
    Simulator,
    SlowRead,
)

BUY, SELL = "1", "2"
NEW, TRADE, REJECTED = "0", "F", "8"
SECONDS = 0.3


def status_of(client: FixClient, cl_ord_id: str) -> Message:
    """The venue's answer to an OrderStatusRequest."""
    client.send("H", [(11, cl_ord_id), (55, "ACME"), (54, BUY)])
    return client.expect_report(cl_ord_id, "I")


def numbers(client: FixClient) -> list[int]:
    """MsgSeqNums of all that has come for the first time."""
    return [message.msg_seq_num for message in client.log if message.get(43) != "Y"]


def all_sent_again(client: FixClient) -> list[Message]:
    """What comes when everything is asked for again."""
    until = client.next_in
    client.request_resend(1)
    came: list[Message] = []
    while (came[-1].msg_seq_num + 1 if came else 1) < until:
        message = client.receive()
        came.append(message)
        if message.msg_type == "4" and int(message[36]) >= until:
            break
    return came


def test_client_meets_the_venue_itself_until_the_simulator_is_told_otherwise(
    alpha: FixClient,
) -> None:
    alpha.send("D", new_order("plain", BUY, "10", "90"))
    report = alpha.expect_report("plain", NEW)
    alpha.send("F", cancel("plain-x", "plain", BUY))
    assert alpha.expect_report("plain-x", "4")[37] == report[37]
    assert numbers(alpha) == [1, 2, 3]


def test_second_of_two_answers_does_not_wait_until_the_first_is_acknowledged(
    alpha: FixClient,
) -> None:
    seconds: list[float] = []
    for number in range(20):
        begin = time.monotonic()
        alpha.send("D", new_order(f"ioc{number}", BUY, "10", "90", tif="3"))
        alpha.expect_report(f"ioc{number}", NEW)
        alpha.expect_report(f"ioc{number}", "4")
        seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.03, "delayed acknowledgements take 40 ms"


def test_answer_is_held_back_and_what_comes_behind_it_keeps_its_place(
    alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(Delay(ms=round(SECONDS * 1000), on=On(cl_ord_id="late")))
    begin = time.monotonic()
    alpha.send("D", new_order("late", BUY, "10", "90"))
    alpha.send("D", new_order("prompt", BUY, "10", "90"))
    first = alpha.receive()
    assert time.monotonic() - begin >= SECONDS
    assert [first[11], alpha.receive()[11]] == ["late", "prompt"]
    assert numbers(alpha) == [1, 2, 3]


def test_next_orders_are_refused_with_the_reason_and_the_venue_never_sees_them(
    alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(Reject(reason=3, text="no more", on=On(cl_ord_id="no*", count=2)))
    for name in ("no1", "no2", "no3"):
        alpha.send("D", new_order(name, BUY, "10", "90"))
    for name in ("no1", "no2"):
        report = alpha.expect_report(name, REJECTED)
        told = [report[tag] for tag in (39, 103, 58, 55, 54, 38, 151, 14)]
        assert told == ["8", "3", "no more", "ACME", BUY, "10", "0", "0"]
    assert alpha.expect_report("no3", NEW)[39] == "0"
    assert len({message[17] for message in alpha.log if 17 in message}) == 3
    assert status_of(alpha, "no1")[39] == "8", "the venue does not know it"
    assert numbers(alpha) == [*range(1, len(alpha.log) + 1)]


def test_refusal_is_sent_again_when_it_is_asked_for(alpha: FixClient, simulator: Simulator) -> None:
    alpha.send("D", new_order("ag1", BUY, "10", "90"))
    first = alpha.expect_report("ag1", NEW)
    simulator.do(Reject())
    alpha.send("D", new_order("ag2", BUY, "10", "90"))
    refused = alpha.expect_report("ag2", REJECTED)
    alpha.send("1", [(112, "between")])
    alpha.expect("0")
    alpha.send("D", new_order("ag3", BUY, "10", "90"))
    last = alpha.expect_report("ag3", NEW)
    came = all_sent_again(alpha)
    again = [message for message in came if message.msg_type == "8"]
    assert [message[17] for message in again] == [first[17], refused[17], last[17]]
    assert [message.msg_seq_num for message in again] == [
        first.msg_seq_num, refused.msg_seq_num, last.msg_seq_num
    ]  # fmt: skip
    assert all((message[43], 122 in message) == ("Y", True) for message in again)
    fills = [(message.msg_seq_num, int(message[36])) for message in came if message.msg_type == "4"]
    assert fills == [(1, 2), (4, 5)]


@pytest.mark.parametrize(("msg_type", "response_to"), [("F", "1"), ("G", "2")])
def test_cancel_and_replacement_are_refused_and_the_order_stays(
    msg_type: str, response_to: str, alpha: FixClient, simulator: Simulator
) -> None:
    name = f"stays{msg_type}"
    alpha.send("D", new_order(name, BUY, "10", "90"))
    alpha.expect_report(name, NEW)
    simulator.do(Reject(reason=0, text="too late", on=On(msg_type="F G")))
    body = cancel(f"{name}-x", name, BUY)
    if msg_type == "G":
        body = replace(f"{name}-x", name, BUY, "5", "91")
    alpha.send(msg_type, body)
    answer = alpha.expect("9")
    told = [answer[tag] for tag in (11, 41, 39, 434, 102, 58)]
    assert told == [f"{name}-x", name, "0", response_to, "0", "too late"]
    assert status_of(alpha, name)[151] == "10"


def test_order_that_rests_is_filled_in_parts_by_the_venue_itself(
    alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(Fill(parts=3, on=On(cl_ord_id="parts*")))
    alpha.send("D", new_order("parts", BUY, "10", "99.50"))
    alpha.expect_report("parts", NEW)
    fills = [alpha.expect_report("parts", TRADE) for _ in range(3)]
    assert [fill[32] for fill in fills] == ["4", "3", "3"]
    assert [fill[39] for fill in fills] == ["1", "1", "2"]
    assert len({fill[527] for fill in fills}) == 3
    assert simulator.status().problems == []


def test_order_that_cannot_be_filled_as_asked_for_is_a_problem(
    alpha: FixClient, simulator: Simulator, venue: RunningTrading
) -> None:
    other = venue.client("BRAVO")
    other.logon()
    other.send("D", new_order("better", BUY, "6", "99.60"))
    other.expect_report("better", NEW)
    simulator.do(Fill(parts=1, on=On(cl_ord_id="worse")))
    alpha.send("D", new_order("worse", BUY, "10", "99.50"))
    assert alpha.expect_report("worse", TRADE)[32] == "4"
    alpha.send("F", cancel("worse-x", "worse", BUY))
    alpha.expect_report("worse-x", "4")
    other.logout()
    assert simulator.status().problems == []
    simulator.do(Fill(parts=1, on=On(cl_ord_id="gone")))
    delta = venue.client("DELTA")
    delta.logon()
    alpha.send("D", new_order("gone", BUY, "10", "99.50"))
    alpha.expect_report("gone", NEW)
    wait_for(lambda: bool(simulator.status().problems))
    assert "DELTA" in simulator.status().problems[0]
    alpha.send("F", cancel("gone-x", "gone", BUY))
    alpha.expect_report("gone-x", "4")
    delta.logout()


def test_what_is_due_for_a_message_that_it_does_not_suit_is_a_problem(
    alpha: FixClient, simulator: Simulator
) -> None:
    alpha.send("D", new_order("odd1", BUY, "10", "90"))
    alpha.expect_report("odd1", NEW)
    simulator.do(Reject(on=On(msg_type="H")), Fill(on=On(cl_ord_id="odd2")))
    assert status_of(alpha, "odd1")[39] == "0"
    alpha.send("D", new_order("odd2", BUY, "10"))
    assert alpha.expect(lambda message: message.get(11) == "odd2")[35] == "8"
    assert simulator.status().problems == [
        "ALPHA: reject has no answer to MsgType H: it was passed on",
        "ALPHA: fill is for a NewOrderSingle with Price(44): MsgType D was passed on as it was",
    ]


def test_fill_without_a_session_for_it_is_refused(venue: RunningTrading) -> None:
    with pytest.raises(ScriptError, match="--counter"):
        Simulator(venue.address, steps=[Fill()])
    with Simulator(venue.address) as plain, pytest.raises(ScriptError, match="--counter"):
        plain.do(Fill())


def test_order_is_taken_and_nobody_says_so(alpha: FixClient, simulator: Simulator) -> None:
    simulator.do(NoAnswer(on=On(cl_ord_id="mute")))
    alpha.send("D", new_order("mute", BUY, "10", "90"))
    assert status_of(alpha, "mute")[39] == "0"
    assert [m.msg_type for m in alpha.log] == ["A", "0", "8"]
    assert numbers(alpha) == [1, 2, 3]


def test_order_is_lost_without_a_gap(alpha: FixClient, simulator: Simulator) -> None:
    simulator.do(Lose(on=On(cl_ord_id="lost")))
    alpha.send("D", new_order("lost", BUY, "10", "90"))
    assert status_of(alpha, "lost")[39] == "8", "the venue does not know it"
    assert [m.msg_type for m in alpha.log] == ["A", "8"]


def test_order_that_was_lost_stays_so_when_the_venue_asks_for_it_again(
    alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(Lose(on=On(cl_ord_id="lost2")))
    number = alpha.send("D", new_order("lost2", BUY, "10", "90"))
    alpha.session.resend(number, number)
    alpha.flush()
    assert status_of(alpha, "lost2")[39] == "8"


@pytest.mark.parametrize("msg_type", ["D", "8"])
def test_line_is_dropped_instead_of_a_message_and_not_before(
    msg_type: str, alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(Drop(on=On(msg_type=msg_type, cl_ord_id=f"cut{msg_type}")))
    for name in (f"whole{msg_type}", f"cut{msg_type}"):
        alpha.send("D", new_order(name, BUY, "10", "90"))
        if name.startswith("whole") and msg_type == "D":
            alpha.expect_report(name, NEW)
    alpha.expect_disconnect()
    assert [m[11] for m in alpha.log if m.msg_type == "8"] == [f"whole{msg_type}"]


def test_client_is_read_slowly_until_that_is_cleared(
    alpha: FixClient, simulator: Simulator
) -> None:
    simulator.do(SlowRead(bytes_per_second=1000))
    alpha.send("D", new_order("slow0", BUY, "10", "90"))
    alpha.expect_report("slow0", NEW)
    begin = time.monotonic()
    for number in range(1, 4):
        alpha.send("D", new_order(f"slow{number}", BUY, "10", "90", extra=[(58, "x" * 100)]))
    alpha.expect_report("slow3", NEW)
    assert time.monotonic() - begin > 2 * SECONDS
    simulator.clear()
    alpha.send("D", new_order("fast", BUY, "10", "90"))
    alpha.expect_report("fast", NEW)
    assert simulator.status().steps == []
