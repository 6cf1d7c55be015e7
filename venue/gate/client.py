"""One client that was let in: waits for its first message, then passes bytes both ways.

Of FIX it only knows where the first message ends; trading judges what it says. Trading is called
when that message is there, so a client that sends nothing costs trading nothing. Trading is here
whichever process the client's session logs on at.
"""

import asyncio
from pathlib import Path
from typing import NamedTuple, Protocol

from venue.gate.confirmed import Confirmed
from venue.gate.link import Link
from venue.gate.tls import public_key_digest
from venue.gate.uplink import Uplink, connect
from venue.peer import End, Peer

MOST_FIRST_BYTES = 4 << 10
"""The longest first message. Bytes behind it are passed on like all others."""
_BEGIN = b"8=FIX"
_CHECK_SUM = b"\x0110="
_CHECK_SUM_BYTES = 8
_CALL_AGAIN_SECONDS = 0.1
_TELL_SECONDS = 0.2
"""How soon trading learns that a client which says nothing has received something."""


class Whose(NamedTuple):
    """Address and port of the client."""

    address: str
    port: int


class Host(Protocol):
    """What a client needs of the gate that holds it."""

    way: Path
    """The socket of who judges the client's messages."""
    logon_seconds: float

    def trading_answers(self, error: OSError | None) -> None:
        """The result of a call of trading; error: why it did not take it."""

    def answered(self, client: "Client") -> None:
        """The client's first message was answered."""

    def gone(self, client: "Client", end: End) -> None:
        """The client has gone, and trading was told."""


class Client:
    """One client: uses the link that `begin` gives it, and an uplink that it makes itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: Host, whose: Whose) -> None:
        self.whose = whose
        self._loop = loop
        self._host = host
        self._first = bytearray()
        self._link: Link | None = None
        self._confirmed: Confirmed | None = None
        self._uplink: Uplink | None = None
        self._end: End | None = None
        self._is_answered = False
        self._deadline: asyncio.TimerHandle | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._told = 0

    def begin(self, link: Link, confirmed: Confirmed, seconds: float) -> None:
        """Begin with a connection. seconds: how long its link may take to be ready."""
        self._link, self._confirmed = link, confirmed
        self._set_deadline(seconds, "no TLS handshake in time")

    def drop(self) -> None:
        """Forget a connection that was not admitted: its end will not be reported."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._confirmed is not None and self._end is None:
            self._confirmed.close()

    def close(self, why: str) -> None:
        """Close once the client has read what it was sent, or a little later."""
        if self._link is None:
            return
        if self._is_answered:
            self._link.close(why)
        else:
            self._link.abort(why)

    def link_ready(self) -> None:
        """FIX may come."""
        self._set_deadline(self._host.logon_seconds, "no logon was answered in time")

    def link_data(self, data: bytes) -> None:
        """Bytes of the client."""
        if self._uplink is not None:
            self._send(self._uplink, data)
        else:
            self._first += data
            self._look_at_first()

    def link_room(self, has_room: bool) -> None:
        """While the client does not read, take nothing from trading: its buffer then shows that."""
        if self._uplink is not None:
            if has_room:
                self._uplink.resume()
            else:
                self._uplink.pause()

    def link_lost(self, why: str) -> None:
        """Tell trading how the connection ended, and how much of its output has arrived."""
        for timer in (self._deadline, self._telling):
            if timer is not None:
                timer.cancel()
        self._end = End(0 if self._confirmed is None else self._confirmed.close(), why)
        if self._uplink is not None:
            self._uplink.end(self._end)  # then `uplink_gone` comes
        else:
            self._host.gone(self, self._end)

    def from_trading(self, data: memoryview) -> None:
        """Bytes for the client. The first are the answer to its logon; then it is read further."""
        assert self._link is not None
        if not self._is_answered:
            self._is_answered = True
            if self._deadline is not None:
                self._deadline.cancel()
            self._host.answered(self)
            self._link.resume()
        self._link.write(data)
        if self._telling is None:
            self._telling = self._loop.call_later(_TELL_SECONDS, self._tell)

    def trading_closed(self) -> None:
        """Trading sends no more: close once the client has what was sent."""
        self.close("trading closed")

    def trading_room(self, has_room: bool) -> None:
        """Read the client only while trading takes its bytes."""
        assert self._link is not None
        if not has_room:
            self._link.pause()
        elif self._is_answered:
            self._link.resume()

    def uplink_gone(self) -> None:
        """Trading knows the end."""
        assert self._end is not None
        self._host.gone(self, self._end)

    def _look_at_first(self) -> None:
        """Call trading once the first message is whole."""
        first = self._first
        found = first.find(_CHECK_SUM, 0, MOST_FIRST_BYTES)
        end = found + _CHECK_SUM_BYTES if found >= 0 else len(first)
        if not first.startswith(_BEGIN[: len(first)]):
            self.close("what came first is not FIX")
        elif end > MOST_FIRST_BYTES:
            self.close("its first message is too long")
        elif found >= 0 and end <= len(first):
            assert self._link is not None
            self._link.pause()
            self._call_trading(self._link)

    def _call_trading(self, link: Link) -> None:
        """Connect to trading; try again until the deadline of the logon while it is away."""
        if self._uplink is not None or self._end is not None:
            return
        try:
            connection = connect(self._host.way)
        except OSError as error:
            self._host.trading_answers(error)
            self._loop.call_later(_CALL_AGAIN_SECONDS, self._call_trading, link)
            return
        self._host.trading_answers(None)
        certificate = link.certificate()
        digest = None if certificate is None else public_key_digest(certificate)
        peer = Peer(self.whose.address, self.whose.port, digest, link.is_secure)
        self._uplink = Uplink(self._loop, connection, peer, self)
        self._send(self._uplink, bytes(self._first))
        self._first.clear()

    def _send(self, uplink: Uplink, data: bytes) -> None:
        """Pass on bytes of the client, and how much it has confirmed."""
        assert self._confirmed is not None
        self._told = self._confirmed.look()
        uplink.send(data, self._told)

    def _tell(self) -> None:
        """Tell trading how much a client that sends nothing has confirmed."""
        assert self._confirmed is not None and self._uplink is not None
        if self._confirmed.look() > self._told and not self._uplink.is_full:
            self._send(self._uplink, b"")
        is_told = self._confirmed.is_all and self._confirmed.look() == self._told
        self._telling = None if is_told else self._loop.call_later(_TELL_SECONDS, self._tell)

    def _set_deadline(self, seconds: float, why: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self.close, why)
