"""Both load clients against a FIX counterparty of the tests' own, which stalls and refuses."""

import gc
import os
import signal
import threading
import time

from tests.fix_message import Message
from tests.load.conftest import Measure, Serve
from tests.load.counterparty import Answers, accept, load_clients
from tests.load.runs import closed_loop, open_loop, task
from venue.load.mix import Mix
from venue.load.task import Run


def test_open_loop_sends_at_the_rate_and_every_message_is_answered(
    measure: Measure, serve: Serve
) -> None:
    counterparty = serve(accept)
    outcome = open_loop(measure, task(counterparty), 400, 0.5, 0.1)
    assert outcome.unanswered == 0
    assert outcome.latency.count == 200, "what was due in the measured time"
    assert outcome.late.count == 240
    assert outcome.answered == 240
    assert len(counterparty.bodies()) == 240
    assert 0 < outcome.acknowledged <= 240
    assert outcome.client_us > 0


def test_several_runs_go_on_in_the_same_sessions(measure: Measure, serve: Serve) -> None:
    counterparty = serve(accept)
    runs = [Run(200, None, 0.2, 0.0), Run(None, 2, 0.2, 0.0), Run(100, None, 0.2, 0.0)]
    outcomes = measure(task(counterparty), runs)
    assert [(each.offered, each.in_flight) for each in outcomes] == [
        (200, None), (None, 2), (100, None)
    ]  # fmt: skip
    assert [outcomes[0].answered, outcomes[2].answered] == [40, 20]
    assert outcomes[1].answered > 4
    assert sum(message.msg_type == "A" for message in counterparty.messages) == 2


def test_logon_keeps_orders_and_begins_at_number_one(measure: Measure, serve: Serve) -> None:
    counterparty = serve(accept)
    open_loop(measure, task(counterparty, 1), 100, 0.1)
    logon = counterparty.messages[0]
    sent = [logon[tag] for tag in (141, 9001, 553, 554, 34)]
    assert sent == ["Y", "N", "LOAD0", "secret", "1"]
    numbers = [int(message[34]) for message in counterparty.messages]
    assert numbers == list(range(1, len(numbers) + 1))
    assert counterparty.messages[-1].msg_type == "5"


def test_a_stall_is_charged_to_every_message_that_was_due_in_it(
    measure: Measure, serve: Serve
) -> None:
    stalled = threading.Event()

    def answer(message: Message) -> Answers:
        if not stalled.is_set():
            stalled.set()
            time.sleep(0.5)
        return accept(message)

    outcome = open_loop(measure, task(serve(answer), 1), 200, 1.0)
    # half of the messages fell due while nothing was answered: the median is far from zero
    assert outcome.latency.quantile(0.3) < outcome.latency.quantile(0.9) - 200_000_000
    assert outcome.latency.quantile(0.7) > 100_000_000
    assert outcome.latency.max > 450_000_000


def test_a_client_that_is_late_itself_is_charged_with_it_too(in_c: Measure, serve: Serve) -> None:
    """The one case in which a message leaves later than it was due: the client has no CPU."""
    stopped = threading.Event()

    def answer(message: Message) -> Answers:
        if message[11] == "run-20":
            [client] = load_clients()
            os.kill(client, signal.SIGSTOP)
            stopped.set()
            time.sleep(0.4)
            os.kill(client, signal.SIGCONT)
        return accept(message)

    outcome = open_loop(in_c, task(serve(answer), 1), 200, 0.6)
    assert stopped.is_set()
    assert outcome.latency.count == 120, "what was missed is sent all the same"
    assert outcome.late.max > 350_000_000
    assert outcome.latency.max > 350_000_000


def test_an_answer_counts_from_when_it_came_however_late_it_is_read(
    in_c: Measure, serve: Serve
) -> None:
    going_on: list[threading.Timer] = []
    found_ns = 0

    def answer(message: Message) -> Answers:
        nonlocal found_ns
        if message[11] == "run-20":
            begin = time.monotonic_ns()
            [client] = load_clients()
            found_ns = time.monotonic_ns() - begin
            os.kill(client, signal.SIGSTOP)
            going_on.append(threading.Timer(2.0, os.kill, (client, signal.SIGCONT)))
            going_on[0].start()
        return accept(message)

    outcome = closed_loop(in_c, task(serve(answer), 1), 1, 3.0)
    assert going_on
    assert outcome.answered > 20
    assert outcome.latency.max - found_ns < 1_500_000_000


def test_closed_loop_keeps_its_window_unanswered_and_no_more(
    measure: Measure, serve: Serve
) -> None:
    waiting: list[Message] = []
    most = 0

    def answer(message: Message) -> Answers:
        nonlocal most
        waiting.append(message)
        most = max(most, len(waiting))
        return accept(waiting.pop(0)) if len(waiting) == 3 else []

    outcome = closed_loop(measure, task(serve(answer), 1, answer_seconds=0.2), 3, 0.3)
    assert most == 3
    assert outcome.acknowledged > 3, "each answer lets one more leave"
    assert outcome.unanswered == 2


def test_rejects_are_counted_by_reason_and_count_as_answers(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        number = int(message[11].partition("-")[2])
        if number % 4 == 0:
            return [[(35, "8"), (11, message[11]), (39, "8"), (58, "TOO_MUCH of it"), (103, "3"),
                     (150, "8")]]  # fmt: skip
        if number % 4 == 1:
            return [[(35, "j"), (58, "NOT_NOW"), (379, message[11]), (380, "4")]]
        return accept(message)

    outcome = open_loop(measure, task(serve(answer), 1), 400, 0.2)
    assert outcome.unanswered == 0
    assert outcome.rejects == {"TOO_MUCH 103=3": 20, "NOT_NOW 380=4": 20}


def test_fills_are_no_answers_and_a_filled_order_is_not_canceled(
    measure: Measure, serve: Serve
) -> None:
    canceled = []

    def answer(message: Message) -> Answers:
        if message.msg_type == "F":
            canceled.append(message[41])
            return [[(35, "9"), (11, message[11]), (58, "ORDER_FINISHED x"), (102, "0")]]
        filled = [(35, "8"), (11, message[11]), (39, "2"), (150, "F")]
        return [*accept(message), filled]

    outcome = closed_loop(measure, task(serve(answer), 1, Mix(60, 40, 0, 0)), 1, 0.3)
    assert outcome.fills > 5
    assert canceled == [], "every order was filled with its acceptance"


def test_both_send_the_same_from_the_same_seed_and_answers(
    in_c: Measure, in_python: Measure, serve: Serve
) -> None:
    def answer(message: Message) -> Answers:
        number = int(message[11].partition("-")[2])
        if message.msg_type == "F" and number % 5 == 0:
            return [[(35, "9"), (11, message[11]), (58, "NO"), (102, "0")]]
        if number % 7 == 0:
            return [[(35, "8"), (11, message[11]), (39, "8"), (58, "NO"), (103, "3"), (150, "8")]]
        before = [(35, "8"), (11, f"run-{number - 1}"), (39, "2"), (150, "F")]
        return [before, *accept(message)] if number % 3 == 0 else accept(message)

    sent = []
    for client in (in_c, in_python):
        counterparty = serve(answer)
        closed_loop(client, task(counterparty, 1, Mix(50, 25, 25, 40)), 1, 1.5)
        sent.append(counterparty.bodies())
    both = min(map(len, sent))
    assert both > 200, "more than two rounds of the random source"
    assert sent[0][:both] == sent[1][:both]
    kinds = {(body.count("\x0141="), body.count("\x0144=")) for body in sent[0][:both]}
    assert kinds == {(0, 1), (1, 0), (1, 1)}


def test_many_open_orders_are_all_kept(in_c: Measure, serve: Serve) -> None:
    """The oldest stays open while thousands come behind it, and is canceled first at last."""
    counterparty = serve(accept)
    to = task(counterparty, 1, Mix(99, 1, 0, 0))
    open_loop(in_c, to, 3000, 1.0)
    canceled = [message[41] for message in counterparty.messages if message.msg_type == "F"]
    entered = [message[11] for message in counterparty.messages if message.msg_type == "D"]
    assert len(entered) > 2000, "more than there is room for at first"
    assert canceled == entered[: len(canceled)] != []


def test_test_request_is_answered_with_its_id(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        return [[(35, "1"), (112, "are you there")], *accept(message)]

    counterparty = serve(answer)
    open_loop(measure, task(counterparty, 1), 50, 0.2)
    beats = [message[112] for message in counterparty.messages if message.msg_type == "0"]
    assert len(beats) >= 9 and set(beats) == {"are you there"}


def test_heartbeats_are_sent_while_nothing_else_is(measure: Measure, serve: Serve) -> None:
    counterparty = serve(lambda message: [])
    to = task(counterparty, 1, answer_seconds=4.0)._replace(heartbeat_seconds=1)
    closed_loop(measure, to, 1, 0.1)
    sent = [message.msg_type for message in counterparty.messages]
    assert counterparty.messages[0][108] == "1"
    assert sent == ["A", "D", *"0" * (len(sent) - 3), "5"]
    assert len(sent) > 4, "two heartbeats or more"


def test_what_is_never_answered_is_told(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        return [] if message[11].endswith("7") else accept(message)

    runs = [Run(100, None, 0.3, 0.0), Run(100, None, 0.3, 0.0)]
    [outcome] = measure(task(serve(answer), 1, answer_seconds=0.3), runs)
    assert outcome.unanswered == 3, "and the next run is left out"
    assert outcome.latency.count == 30
    assert outcome.latency.max > 200_000_000, "it counts as long as it was waited for"


def test_what_the_venue_asks_for_again_is_filled_and_counted(
    measure: Measure, serve: Serve
) -> None:
    lost = []

    def answer(message: Message) -> Answers:
        if message[11] == "run-5":
            lost.append(message[34])
            return [[(35, "2"), (7, message[34]), (16, "0")]]
        return accept(message)

    counterparty = serve(answer)
    outcome = open_loop(measure, task(counterparty, 1, answer_seconds=0.3), 100, 0.3)
    assert (outcome.resend_requests, outcome.unanswered, outcome.answered) == (1, 1, 29)
    [fill] = [message for message in counterparty.messages if message.msg_type == "4"]
    assert [fill[34], fill[43], fill[123]] == [*lost, "Y", "Y"]
    assert int(fill[36]) > int(fill[34])


def test_collector_is_on_again_after_the_load(in_python: Measure, serve: Serve) -> None:
    open_loop(in_python, task(serve(accept), 1), 50, 0.1)
    assert gc.isenabled()
