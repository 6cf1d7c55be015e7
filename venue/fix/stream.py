"""The venue's end of the streams to QuickFIX: messages shown to it go in, its own come out.

Knows bytes and MsgSeqNums; decides nothing.
"""

import fcntl
import socket
import termios
import time
from contextlib import suppress

import structlog

from venue.fix.acceptor import FixAcceptor
from venue.fix.connection import Connection
from venue.fix.message_log import MessageLog

_log = structlog.get_logger("fix")
_POLLS_A_ROUND = 8
_TAKEN_AT_ONCE = 1 << 18
_POLLS_FOR_A_NUMBER = 10_000
_NUMBER = b"\x0134="


class Streams:
    """QuickFIX's side is driven by `acceptor`; what it sends is noted in `log`."""

    def __init__(self, acceptor: FixAcceptor, log: MessageLog) -> None:
        self._acceptor = acceptor
        self._log = log
        self._shown: set[Connection] = set()
        self._ending: set[Connection] = set()

    @property
    def goes_on(self) -> bool:
        """Whether QuickFIX has more to read."""
        return bool(self._shown or self._ending)

    def show(self, connection: Connection) -> None:
        """Pass on what QuickFIX is to see; what the stream cannot take waits for the next call."""
        waiting, stream = connection.to_quickfix, connection.stream
        if not waiting or stream is None:
            return
        try:
            taken = stream.send(waiting)
        except BlockingIOError:
            taken = 0
        except OSError:  # QuickFIX has ended the session: it does not take the rest
            waiting.clear()
            return
        del waiting[:taken]
        self._shown.add(connection)
        connection.is_shown = True

    def let_read(self) -> None:
        """Let QuickFIX read what it was shown: at most 8 KiB of each stream in a poll."""
        for _ in range(_POLLS_A_ROUND):
            if not self._shown and not self._ending:
                return
            self._acceptor.poll()
            for connection in [each for each in self._shown if not _has_unread(each.stream)]:
                self._shown.discard(connection)
                connection.is_shown = False

    def has_read(self, connection: Connection) -> bool:
        """Whether QuickFIX has seen all that it is to see of this connection."""
        return not connection.to_quickfix and connection not in self._shown

    def take_over(self, connection: Connection, awaited: int) -> None:
        """Send on what QuickFIX has sent, up to the message `awaited` (0: whatever is there).

        What the stream cannot hold stays with QuickFIX, which then sends one message a poll.
        """
        for _ in range(_POLLS_FOR_A_NUMBER):
            self._drain(connection)
            if connection.seen_of_quickfix >= awaited or connection.stream is None:
                return
            self._acceptor.poll()
        _log.error("quickfix holds back a message", session=connection.session, number=awaited)

    def end(self, connection: Connection) -> None:
        """The client has gone: let QuickFIX come to the end of the stream."""
        assert connection.stream is not None
        self._ending.add(connection)
        with suppress(OSError):  # QuickFIX has ended it already
            connection.stream.shutdown(socket.SHUT_WR)

    def close(self, connection: Connection) -> None:
        """QuickFIX has ended the session."""
        self._shown.discard(connection)
        self._ending.discard(connection)
        if connection.stream is not None:
            connection.stream.close()
            connection.stream = None

    def _drain(self, connection: Connection) -> None:
        stream = connection.stream
        while stream is not None:
            try:
                data = stream.recv(_TAKEN_AT_ONCE)
            except BlockingIOError:
                return
            except OSError:  # the stream was reset: nothing more is to be read
                return
            if not data:
                return
            self._log.note_all(connection.session, data, time.time_ns())
            connection.put(data)
            at = data.rfind(_NUMBER)
            connection.seen_of_quickfix = int(data[at + 4 : data.index(b"\x01", at + 4)])


def _has_unread(stream: socket.socket | None) -> bool:
    """Whether QuickFIX has not read all that it was shown (SIOCOUTQ)."""
    if stream is None:
        return False
    return bool(int.from_bytes(fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, bytes(4)), "little"))


__all__ = ["Streams"]
