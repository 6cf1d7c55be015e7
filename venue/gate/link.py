"""One TCP connection, with TLS or without: plain bytes in and out, and how many have arrived.

Knows sockets and TLS; never looks into the bytes. TLS runs here over buffers in memory: only so it
is known which byte of the connection carries which byte of the venue.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Protocol, cast

from venue.gate.confirmed import Confirmed

HIGH_WATER, LOW_WATER = 64 << 10, 16 << 10
"""Bytes that wait for a client. Above the first, the user is told that there is no room; below the
second, that there is room again."""
_LAST_SECONDS = 5.0
"""How long a client may take to read what came before the close, and to close."""
_READ_BYTES = 64 << 10
_RECORDS_A_TURN = 64
"""So many records of TLS are read of one client before others have their turn: they may be tiny."""


class LinkUser(Protocol):
    """The user of a link. After `link_lost` nothing more is called."""

    def link_ready(self) -> None:
        """Bytes may be written; the handshake of TLS, if there is one, is done."""

    def link_data(self, data: bytes) -> None:
        """Bytes have come."""

    def link_room(self, has_room: bool) -> None:
        """Whether the other end reads has changed."""

    def link_lost(self, why: str) -> None:
        """The connection has ended."""


class Link(asyncio.Protocol):
    """Made for an accepted connection, and given to `connect_accepted_socket`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        user: LinkUser,
        confirmed: Confirmed,
        context: ssl.SSLContext | None,
    ) -> None:
        self._loop = loop
        self._user = user
        self._confirmed = confirmed
        self._raw: asyncio.Transport | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._certificate: bytes | None = None
        self._tls: ssl.SSLObject | None = None
        if context is not None:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_ready = self._is_closing = False
        self._is_paused = self._is_behind = False
        self._last: asyncio.TimerHandle | None = None
        self._why = ""

    @property
    def is_secure(self) -> bool:
        """Whether it is TLS."""
        return self._tls is not None

    def certificate(self) -> bytes | None:
        """The client's certificate in DER form, checked; None when it showed none."""
        return self._certificate

    def write(self, data: bytes | memoryview) -> None:
        """Send bytes; those written behind `close` go nowhere."""
        if self._is_closing or self._raw is None or self._raw.is_closing():
            return
        if self._tls is None:
            self._raw.write(data)
            self._confirmed.wrote(len(data), len(data))
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError as error:
            self.abort(f"TLS: {in_words(error)}")
            return
        self._flush(len(data))

    def pause(self) -> None:
        """Read nothing for now."""
        self._is_paused = True
        self._read_or_not()

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        self._read_or_not()

    def close(self, why: str) -> None:
        """Close once the other end has read what was written, or a little later.

        Bytes that still come are read and dropped. Leaving them unread would reset the connection,
        and the other end could lose what was written last.
        """
        raw = self._raw
        if raw is None or raw.is_closing() or self._is_closing or not self._is_ready:
            self.abort(why)
            return
        if self._tls is not None:
            with suppress(ssl.SSLError):  # it waits for the other end's close_notify; ours is sent
                self._tls.unwrap()
            self._flush(0)
        self._begin_end(why)
        raw.write_eof()
        raw.resume_reading()

    def abort(self, why: str) -> None:
        """Close the connection now."""
        self._why = self._why or why
        self._is_closing = True
        if self._raw is not None:
            self._raw.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is connected."""
        self._raw = cast(asyncio.Transport, transport)
        self._raw.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        if self._is_closing:
            self._loop.call_soon(self._raw.abort)  # it is not quite made yet
        elif self._tls is None:
            self._is_ready = True
            self._user.link_ready()

    def data_received(self, data: bytes) -> None:
        """Bytes of the connection."""
        if self._is_closing:
            return
        if self._tls is None:
            self._user.link_data(data)
            return
        self._incoming.write(data)
        self._go_on(self._tls)

    def _go_on(self, tls: ssl.SSLObject) -> None:
        """Take what there is for a turn; when there is more, read nothing before that is taken."""
        if self._is_closing:
            return
        try:
            if not self._is_ready:
                tls.do_handshake()
                self._certificate = tls.getpeercert(binary_form=True)
                self._is_ready = True
                self._flush(0)
                self._user.link_ready()
            was_behind, self._is_behind = self._is_behind, self._decrypt(tls)
            self._flush(0)
            if self._is_behind:
                self._loop.call_soon(self._go_on, tls)
            if self._is_behind is not was_behind:
                self._read_or_not()
        except ssl.SSLWantReadError:
            self._flush(0)
        except ssl.SSLZeroReturnError:
            self.close("the client closed")
        except ssl.SSLError as error:
            self._flush(0)  # the alert
            self._begin_end(f"{'TLS' if self._is_ready else 'no TLS'}: {in_words(error)}")
            assert self._raw is not None
            self._raw.close()

    def eof_received(self) -> None:
        """The other end writes no more: the transport closes when it has sent what waits."""
        self._begin_end("the client closed")

    def pause_writing(self) -> None:
        """The other end does not read."""
        if not self._is_closing:
            self._user.link_room(False)

    def resume_writing(self) -> None:
        """The other end reads again."""
        if not self._is_closing:
            self._user.link_room(True)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection has ended."""
        self._is_closing = True
        if self._last is not None:
            self._last.cancel()
        if not self._why:
            self._why = "the client closed" if error is None else f"connection lost: {error}"
        self._user.link_lost(self._why)
        self._tls = None  # 60 KiB, which would wait for a search for garbage
        self._incoming = self._outgoing = ssl.MemoryBIO()

    def _begin_end(self, why: str) -> None:
        """Stop reading and writing; the end comes within a bounded time."""
        self._is_closing = True
        self._why = self._why or why
        if self._last is None:
            self._last = self._loop.call_later(_LAST_SECONDS, self.abort, why)

    def _decrypt(self, tls: ssl.SSLObject) -> bool:
        """Give on what there is, all at once; whether there may be more.

        Raises what TLS raises, behind what came before it.
        """
        parts: list[bytes] = []
        try:
            while len(parts) < _RECORDS_A_TURN:
                data = tls.read(_READ_BYTES)
                if not data:
                    raise ssl.SSLZeroReturnError
                parts.append(data)
        except ssl.SSLWantReadError:
            return False
        finally:
            if parts:
                self._user.link_data(b"".join(parts))
        return True

    def _read_or_not(self) -> None:
        if self._raw is None or self._is_closing:
            return
        if self._is_paused or self._is_behind:
            self._raw.pause_reading()
        else:
            self._raw.resume_reading()

    def _flush(self, written: int) -> None:
        """Send what TLS has made of `written` bytes of the user's."""
        made = self._outgoing.read()
        if made and self._raw is not None and not self._raw.is_closing():
            self._raw.write(made)
            self._confirmed.wrote(written, len(made))


def in_words(error: ssl.SSLError) -> str:
    """An error of TLS in words for the operator."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the client's certificate: {error.verify_message}"
    return str(error.reason or error)
