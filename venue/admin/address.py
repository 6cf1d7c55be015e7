"""Where the data directory's Unix sockets are; an address has 108 bytes, a path may have more."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Address of a socket through a descriptor of its directory, valid inside the context."""
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def stream_socket() -> socket.socket:
    """A new Unix stream socket."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
