"""Messages in a stream that may hold anything: what is no FIX message is handed on as it is."""

from collections.abc import Iterator
from typing import NamedTuple

from venue.fixclient.wire import FixClientError, end_of_message

_BEGIN = b"8=FIX"


class Cut(NamedTuple):
    """A whole message, or bytes that are none."""

    data: bytes
    is_message: bool


class Cutter:
    """Keeps the part of a message that has come so far."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Cut]:
        """All that is whole now, in order."""
        data, at = self._rest + data, 0
        while at < len(data):
            try:
                end = end_of_message(data, at)
            except FixClientError:
                end = _next_begin(data, at + 1)
                yield Cut(data[at:end], is_message=False)
            else:
                if end is None:
                    break
                yield Cut(data[at:end], is_message=True)
            at = end
        self._rest = data[at:]


def _next_begin(data: bytes, at: int) -> int:
    """Where a message begins next, be it by its first bytes at the end; else the end."""
    begin = data.find(_BEGIN, at)
    if begin >= 0:
        return begin
    starts = (len(data) - size for size in range(len(_BEGIN) - 1, 0, -1))
    return next((s for s in starts if s >= at and _BEGIN.startswith(data[s:])), len(data))
