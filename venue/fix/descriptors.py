"""Which of this process's descriptors QuickFIX uses for what: it does not tell.

Looks through all of them; never closes or changes one.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def listening_on(port: int) -> int | None:
    """Descriptor that listens on `port` of all addresses."""
    for descriptor, candidate in _inet_sockets():
        if candidate.getsockname() == ("0.0.0.0", port):
            return descriptor
    return None


def connected_to(address: tuple[str, int]) -> int | None:
    """Descriptor of a connection whose other end is `address`."""
    for descriptor, candidate in _inet_sockets():
        with suppress(OSError):  # not connected
            if candidate.getpeername() == address:
                return descriptor
    return None


def _inet_sockets() -> Iterator[tuple[int, socket.socket]]:
    """Each with its descriptor, as an object that goes without closing it."""
    for entry in list(Path("/dev/fd").iterdir()):
        descriptor = int(entry.name)
        try:
            candidate = socket.socket(fileno=descriptor)
        except OSError:
            continue  # not a socket, or the listing's own descriptor
        try:
            if candidate.family == socket.AF_INET:
                yield descriptor, candidate
        finally:
            candidate.detach()
