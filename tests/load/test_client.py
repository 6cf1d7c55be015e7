"""The load client against a small FIX counterparty of the test's own, which stalls and refuses."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.fix_message import Message, frame, unframe
from tests.load.test_flow import INSTRUMENT, TIME
from venue.load.client import LoadClient
from venue.load.flow import Flow, quote_of
from venue.load.mix import Mix
from venue.load.session import LoadError, LoadSession

Answer = Callable[[Message], list[list[tuple[int, str]]]]


def accept(message: Message) -> list[list[tuple[int, str]]]:
    """A New for whatever was asked."""
    return [[(35, "8"), (11, message[11]), (39, "0"), (150, "0")]]


class Counterparty:
    """Accepts connections and answers each message by `answer`; keeps what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(5)
        self.address: tuple[str, int] = self._listener.getsockname()
        self.messages: list[Message] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close does not
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        buffer = b""
        with connection:
            connection.settimeout(5)
            while data := connection.recv(65536):
                buffer += data
                while True:
                    raw, buffer = unframe(buffer)
                    if not raw:
                        break
                    self._take(connection, Message(raw))

    def _take(self, connection: socket.socket, message: Message) -> None:
        self.messages.append(message)
        if message.msg_type in ("A", "5"):
            answers = [[(35, message.msg_type)]]
        elif message.msg_type in "DFG":
            answers = self._answer(message)
        else:
            answers = []
        connection.sendall(b"".join(frame([*fields]) for fields in answers))


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Counterparty]]:
    started: list[Counterparty] = []

    def start(answer: Answer) -> Counterparty:
        started.append(Counterparty(answer))
        return started[-1]

    yield start
    for counterparty in started:
        counterparty.close()


def client(counterparty: Counterparty, sessions: int = 2, mix: Mix | None = None) -> LoadClient:
    def flow(number: int) -> Flow:
        random = Random(number).random
        return Flow(mix or Mix(100, 0, 0), [quote_of(INSTRUMENT)], random, f"r{number}-", TIME)

    logins = [(f"LOAD{number}", "secret") for number in range(sessions)]
    return LoadClient(counterparty.address, logins, flow)


Serve = Callable[[Answer], Counterparty]


def test_open_loop_sends_at_the_rate_and_every_message_is_answered(serve: Serve) -> None:
    counterparty = serve(accept)
    with client(counterparty) as load:
        outcome = load.open_loop(400, 0.5, 0.1)
    assert outcome.unanswered == 0
    assert outcome.latency.count == 200, "what was due in the measured time"
    assert outcome.answered == 240
    assert len([m for m in counterparty.messages if m.msg_type == "D"]) == 240
    assert 150 <= outcome.acknowledged <= 250
    assert outcome.client_us > 0


def test_logon_keeps_orders_and_begins_at_number_one(serve: Serve) -> None:
    counterparty = serve(accept)
    with client(counterparty, 1) as load:
        load.open_loop(100, 0.1, 0)
    logon = counterparty.messages[0]
    sent = [logon[tag] for tag in (141, 9001, 553, 554, 34)]
    assert sent == ["Y", "N", "LOAD0", "secret", "1"]
    numbers = [int(message[34]) for message in counterparty.messages]
    assert numbers == list(range(1, len(numbers) + 1))
    assert counterparty.messages[-1].msg_type == "5"


def test_a_stall_is_charged_to_every_message_that_was_due_in_it(serve: Serve) -> None:
    stalled = threading.Event()

    def answer(message: Message) -> list[list[tuple[int, str]]]:
        if not stalled.is_set():
            stalled.set()
            time.sleep(0.5)
        return accept(message)

    counterparty = serve(answer)
    with client(counterparty, 1) as load:
        outcome = load.open_loop(200, 1.0, 0)
    # half of the messages fell due while nothing was answered: the median is far from zero
    assert outcome.latency.quantile(0.3) < 150_000_000
    assert outcome.latency.quantile(0.7) > 100_000_000
    assert outcome.latency.max > 450_000_000


def test_a_client_that_is_late_itself_is_charged_with_it_too(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one case in which a message leaves later than it was due: the client has no CPU."""
    flush = LoadSession.flush
    flushed = []

    def flush_late_once(session: LoadSession) -> bool:
        flushed.append(session)
        if len(flushed) == 2:
            time.sleep(0.4)
        return flush(session)

    monkeypatch.setattr(LoadSession, "flush", flush_late_once)
    with client(serve(accept), 1) as load:
        outcome = load.open_loop(200, 0.6, 0)
    assert outcome.latency.count == 120, "what was missed is sent all the same"
    assert outcome.late.max > 350_000_000
    assert outcome.latency.max > 350_000_000
    assert outcome.latency.quantile(0.6) > 50_000_000


def test_closed_loop_keeps_its_window_unanswered_and_no_more(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venue.load.client.ANSWER_SECONDS", 0.2)
    waiting: list[Message] = []
    most = 0

    def answer(message: Message) -> list[list[tuple[int, str]]]:
        nonlocal most
        waiting.append(message)
        most = max(most, len(waiting))
        return accept(waiting.pop(0)) if len(waiting) == 3 else []

    with client(serve(answer), 1) as load:
        outcome = load.closed_loop(3, 0.3, 0)
    assert most == 3
    assert outcome.acknowledged > 3, "each answer lets one more leave"
    assert outcome.unanswered == 2


def test_rejects_are_counted_by_reason_and_count_as_answers(serve: Serve) -> None:
    def answer(message: Message) -> list[list[tuple[int, str]]]:
        number = int(message[11].partition("-")[2])
        if number % 4 == 0:
            return [[(35, "8"), (11, message[11]), (39, "8"), (58, "TOO_MUCH of it"), (103, "3"),
                     (150, "8")]]  # fmt: skip
        if number % 4 == 1:
            return [[(35, "j"), (58, "NOT_NOW"), (379, message[11]), (380, "4")]]
        return accept(message)

    with client(serve(answer), 1) as load:
        outcome = load.open_loop(400, 0.2, 0)
    assert outcome.unanswered == 0
    assert outcome.rejects == {"TOO_MUCH 103=3": 20, "NOT_NOW 380=4": 20}


def test_fills_are_no_answers_and_a_filled_order_is_not_canceled(serve: Serve) -> None:
    canceled = []

    def answer(message: Message) -> list[list[tuple[int, str]]]:
        if message.msg_type == "F":
            canceled.append(message[41])
            return [[(35, "9"), (11, message[11]), (58, "ORDER_FINISHED x"), (102, "0")]]
        filled = [(35, "8"), (11, message[11]), (39, "2"), (150, "F")]
        return [*accept(message), filled]

    with client(serve(answer), 1, Mix(60, 40, 0, 0)) as load:
        outcome = load.closed_loop(1, 0.3, 0)
    assert outcome.fills > 5
    assert canceled == [], "every order was filled with its acceptance"


def test_test_request_is_answered_with_its_id(serve: Serve) -> None:
    def answer(message: Message) -> list[list[tuple[int, str]]]:
        return [[(35, "1"), (112, "are you there")], *accept(message)]

    counterparty = serve(answer)
    with client(counterparty, 1) as load:
        load.open_loop(50, 0.2, 0)
    beats = [message[112] for message in counterparty.messages if message.msg_type == "0"]
    assert len(beats) >= 9 and set(beats) == {"are you there"}


def test_what_is_never_answered_is_told(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venue.load.client.ANSWER_SECONDS", 0.2)

    def answer(message: Message) -> list[list[tuple[int, str]]]:
        return [] if message[11].endswith("7") else accept(message)

    with client(serve(answer), 1) as load:
        outcome = load.open_loop(100, 0.3, 0)
    assert outcome.unanswered == 3
    assert outcome.latency.count == 30
    assert outcome.latency.max > 200_000_000, "it counts as long as it was waited for"


def test_a_broken_connection_is_an_error_in_one_line(serve: Serve) -> None:
    def answer(message: Message) -> list[list[tuple[int, str]]]:
        return [[(35, "5"), (58, "go away")]]

    with (
        pytest.raises(LoadError, match="LOAD0 was logged out: go away"),
        client(serve(answer), 1) as load,
    ):
        load.open_loop(100, 0.3, 0)


def test_nothing_listening_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    with pytest.raises(LoadError, match="nothing listens on"):
        LoadClient(
            address, [("LOAD0", "x")], lambda number: Flow(Mix(), [], Random().random, "", "")
        )
