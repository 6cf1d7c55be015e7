"""Many tiny records of one client's TLS: a turn of the gate takes a few of them, and all arrive."""

import asyncio
import ssl
from pathlib import Path
from typing import Any, cast

import trustme

from tests.gate.running_gate import Authority
from venue.gate import link
from venue.gate.confirmed import Confirmed
from venue.gate.link import Link

RECORDS = 1_000


class User:
    """Takes what comes; closes the link when `last` has come."""

    def __init__(self) -> None:
        self.data = b""
        self.deliveries = 0

    def link_ready(self) -> None:
        pass

    def link_data(self, data: bytes) -> None:
        self.data += data
        self.deliveries += 1

    def link_room(self, has_room: bool) -> None:
        pass

    def link_lost(self, why: str) -> None:
        pass


class Transport:
    """Stands for the connection: what was written, and whether it is read."""

    def __init__(self) -> None:
        self.written = b""
        self.is_reading = True
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        pass

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True


class NothingConfirmed:
    def wrote(self, written: int, sent: int) -> None:
        pass


class Client:
    """A client's TLS over memory, through the handshake."""

    def __init__(self, authority: Authority, to: Link, transport: Transport) -> None:
        context = authority.client_context()
        context.check_hostname = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                to.data_received(self._outgoing.read())
                self._incoming.write(transport.written)
                transport.written = b""
        to.data_received(self._outgoing.read())

    def records(self, data: bytes) -> bytes:
        """Each byte in a record of its own."""
        for byte in data:
            self._tls.write(bytes([byte]))
        return self._outgoing.read()


def server_context(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued: trustme.LeafCert = authority.ca.issue_cert("127.0.0.1")
    issued.configure_cert(context)
    context.num_tickets = 0
    return context


def test_tiny_records_have_a_few_of_them_a_turn_and_arrive_in_order(tmp_path: Path) -> None:
    authority, user, transport = Authority(), User(), Transport()
    loop = asyncio.new_event_loop()
    confirmed = cast(Confirmed, NothingConfirmed())
    one = Link(loop, user, confirmed, server_context(authority))
    one.connection_made(cast(Any, transport))
    client = Client(authority, one, transport)
    data = bytes(number % 251 for number in range(RECORDS))
    one.data_received(client.records(data))
    assert user.data == data[: link._RECORDS_A_TURN]
    assert user.deliveries == 1, "not each by itself"
    assert not transport.is_reading
    one.resume()
    assert not transport.is_reading, "what came before has not been taken yet"
    for _ in range(RECORDS // link._RECORDS_A_TURN + 2):
        loop.call_soon(loop.stop)
        loop.run_forever()
    assert user.data == data
    assert transport.is_reading
    loop.close()


class Curious(User):
    """Looks at the client's certificate when bytes come, as the gate does."""

    link: Link

    def link_data(self, data: bytes) -> None:
        assert self.link.certificate() is None, "this client shows none"
        super().link_data(data)


def test_what_came_before_broken_tls_is_passed_on_with_its_certificate() -> None:
    authority, user, transport = Authority(), Curious(), Transport()
    loop = asyncio.new_event_loop()
    confirmed = cast(Confirmed, NothingConfirmed())
    user.link = Link(loop, user, confirmed, server_context(authority))
    user.link.connection_made(cast(Any, transport))
    client = Client(authority, user.link, transport)
    user.link.data_received(client.records(b"8") + b"no record of TLS")
    assert user.data == b"8"
    assert transport.is_closed
    loop.close()
