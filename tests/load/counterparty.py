"""A FIX counterparty of the tests' own, which answers as it is told: it stalls, refuses, spoils."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from tests.fix_message import Message, frame, unframe

Answers = list[list[tuple[int, str]]]
Answer = Callable[[Message], Answers]
Spoil = Callable[[int, bytes], bytes]
"""What is sent in place of a message, by its MsgSeqNum."""


def accept(message: Message) -> Answers:
    """A New for whatever was asked."""
    return [[(35, "8"), (11, message[11]), (39, "0"), (150, "0")]]


def unspoiled(number: int, message: bytes) -> bytes:
    """The message as it is."""
    return message


class Counterparty:
    """Accepts connections and answers each request by `answer`; keeps what it was sent.

    Its messages are numbered for each connection; fields that have a MsgSeqNum(34) keep it.
    """

    def __init__(self, answer: Answer, spoil: Spoil = unspoiled) -> None:
        self._answer, self._spoil = answer, spoil
        self.piece_bytes = 1 << 20
        """The most that is given to the socket at once."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.address: tuple[str, int] = self._listener.getsockname()
        self.messages: list[Message] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def bodies(self) -> list[str]:
        """Of the requests that came, from ClOrdID on."""
        return [message.raw.decode().split("\x0152=")[1].partition("\x01")[2].rpartition("10=")[0]
                for message in self.messages if message.msg_type in "DFG"]  # fmt: skip

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close does not
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(30)

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
        buffer, number = b"", 1
        with connection:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := _received(connection):
                buffer += data
                while True:
                    raw, buffer = unframe(buffer)
                    if not raw:
                        break
                    answers = self._answers(Message(raw))
                    sent = b""
                    for fields in answers:
                        if 34 not in dict(fields):
                            fields = [fields[0], (34, str(number)), *fields[1:]]
                            number += 1
                        sent += self._spoil(number - 1, frame(fields))
                    try:
                        for at in range(0, len(sent), self.piece_bytes):
                            connection.sendall(sent[at : at + self.piece_bytes])
                    except OSError:
                        return  # the client has gone

    def _answers(self, message: Message) -> Answers:
        self.messages.append(message)
        if message.msg_type in ("A", "5"):
            return [[(35, message.msg_type)]]
        return self._answer(message) if message.msg_type in "DFG" else []


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""  # the client has gone


def load_clients(parent: int | str = "self") -> list[int]:
    """Processes of the C client that another has started; this one, if none is named."""
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    children = [int(pid) for each in lists for pid in each.read_text().split()]
    return [
        pid for pid in children if Path(f"/proc/{pid}/comm").read_text().startswith("load-client")
    ]
