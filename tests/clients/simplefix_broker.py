"""simplefix 1.0: a message codec and nothing else; the session around it is what a user writes.

Knows simplefix and a plain socket; numbers, heartbeats, gaps and resends are done by hand here.
"""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import simplefix

from tests.clients.broker import (
    HEARTBEAT_SECONDS,
    PASSWORD,
    SESSION,
    VENUE,
    WAIT_SECONDS,
    Broker,
    Fields,
)


class SimplefixBroker(Broker):
    """Answers TestRequests, sends orders again when asked, asks for what it has missed."""

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        super().__init__(address, directory)
        self._next_out = 1
        self._next_in = 1
        self._orders: dict[int, Fields] = {}
        self._has_asked = False
        self._logged_on = False
        self._socket: socket.socket | None = None
        self._parser = simplefix.FixParser()

    def log_on(self) -> None:
        """See Broker."""
        self._socket = socket.create_connection(self.address)
        self._parser = simplefix.FixParser()
        self._has_asked = False
        self._send("A", {98: "0", 108: str(HEARTBEAT_SECONDS), 553: SESSION, 554: PASSWORD})
        self.wait_for(lambda: self._logged_on)

    def send_order(self, fields: Fields) -> None:
        """See Broker."""
        self._orders[self._next_out] = fields
        self._send("D", fields)

    def log_out(self) -> None:
        """See Broker."""
        self._send("5", {})
        self.lose()

    def lose(self) -> None:
        """See Broker."""
        self.wait_for(lambda: self._socket is None)

    def close(self) -> None:
        """See Broker."""
        self._logged_on = False
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """See Broker."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            assert self._socket is not None, "the connection is closed"
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError:
                raise AssertionError("it did not happen in time") from None
            if not data:
                self.close()
                continue
            self._parser.append_buffer(data)
            while (message := self._parser.get_message()) is not None:
                self._receive({int(tag): value.decode() for tag, value in message.pairs})

    def _send(self, msg_type: str, body: Fields, number: int = 0) -> None:
        """A message with the next number, or again with `number`, its own."""
        message = simplefix.FixMessage()
        message.append_pair(8, "FIX.4.4", header=True)
        message.append_pair(35, msg_type, header=True)
        message.append_pair(49, SESSION, header=True)
        message.append_pair(56, VENUE, header=True)
        message.append_pair(34, number or self._next_out, header=True)
        now = time.time()  # one time: OrigSendingTime(122) may not be after SendingTime(52)
        message.append_utc_timestamp(52, now, header=True)
        if number:
            message.append_pair(43, "Y", header=True)
            message.append_utc_timestamp(122, now, header=True)
        else:
            self._next_out += 1
        for tag, value in body.items():
            message.append_pair(tag, value)
        assert self._socket is not None, "the connection is closed"
        self._socket.sendall(message.encode())

    def _receive(self, fields: Fields) -> None:
        number = int(fields[34])
        if fields[35] == "2":  # also inside a gap: both sides may miss something
            self._resend(int(fields[7]))
        if fields[35] == "A":
            self._logged_on = True
        if number > self._next_in:
            if not self._has_asked:
                self._has_asked = True
                self._send("2", {7: str(self._next_in), 16: "0"})
            return
        if number < self._next_in:
            assert fields.get(43) == "Y", f"too low: {fields}"
            return
        self._next_in = int(fields[36]) if fields[35] == "4" else number + 1
        if fields[35] == "8":
            self.reports.append(fields)
        elif fields[35] == "1":
            self._send("0", {112: fields[112]})

    def _resend(self, begin: int) -> None:
        """All from `begin` on: orders again, gap fills for the rest."""
        for number in sorted(n for n in self._orders if n >= begin):
            if number > begin:
                self._send("4", {123: "Y", 36: str(number)}, number=begin)
            self._send("D", self._orders[number], number)
            begin = number + 1
        if begin < self._next_out:
            self._send("4", {123: "Y", 36: str(self._next_out)}, number=begin)
