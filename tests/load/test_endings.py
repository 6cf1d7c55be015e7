"""How a load ends before its time, and what others can see of it: both load clients."""

import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from tests.fix_message import Message
from tests.load.conftest import Measure, Serve
from tests.load.counterparty import Answers, accept, load_clients
from tests.load.runs import LONG, open_loop, task
from venue.load.task import LoadError, Run


def test_a_broken_connection_is_an_error_in_one_line(measure: Measure, serve: Serve) -> None:
    def answer(message: Message) -> Answers:
        return [[(35, "5"), (58, "go away")]]

    with pytest.raises(LoadError, match=r"^LOAD0 was logged out: go away$"):
        open_loop(measure, task(serve(answer), 1), 100, LONG)


def test_nothing_listening_is_said(measure: Measure, serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    to = task(serve(accept))._replace(address=address)
    with pytest.raises(LoadError, match=r"^nothing listens on 127.0.0.1:.*refused"):
        open_loop(measure, to, 100, LONG)


def test_a_signal_ends_the_run_and_what_was_measured_is_told(
    measure: Measure, serve: Serve
) -> None:
    def answer(message: Message) -> Answers:
        if message[11] == "run-50":
            os.kill(os.getpid(), signal.SIGINT)
        return accept(message)

    counterparty = serve(answer)
    before = signal.getsignal(signal.SIGINT)
    runs = [Run(200, None, LONG, 0.0), Run(200, None, LONG, 0.0)]
    [outcome] = measure(task(counterparty, 1), runs)
    assert outcome.is_ended_early
    assert (outcome.unanswered, outcome.answered) == (0, len(counterparty.bodies()))
    assert outcome.answered >= 50
    assert outcome.seconds < LONG / 2
    assert counterparty.messages[-1].msg_type == "5"
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_signal_waits_for_no_answer(measure: Measure, serve: Serve) -> None:
    over = threading.Event()

    def press() -> None:
        while not over.wait(0.1):
            os.kill(os.getpid(), signal.SIGTERM)

    def answer(message: Message) -> Answers:
        if message[11] == "run-5":
            pressing.start()
        return []

    pressing = threading.Thread(target=press)
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        outcome = open_loop(measure, task(serve(answer), 1, answer_seconds=LONG), 100, LONG)
        over.set()
        pressing.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert outcome.is_ended_early
    assert outcome.unanswered == outcome.latency.count >= 5
    assert outcome.latency.max < LONG / 2 * 1e9


def test_password_stands_neither_in_the_arguments_nor_in_the_environment(
    in_c: Measure, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIX_PASSWORD", "secret")
    seen: list[bytes] = []

    def answer(message: Message) -> Answers:
        [client] = load_clients()
        seen.extend(Path(f"/proc/{client}/{name}").read_bytes() for name in ("cmdline", "environ"))
        return accept(message)

    open_loop(in_c, task(serve(answer), 1), 50, 0.1)
    assert len(seen) == 10
    assert not any(b"secret" in each for each in seen)
    assert any(b"load-client" in each for each in seen)
