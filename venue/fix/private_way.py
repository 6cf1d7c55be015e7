"""The only way to QuickFIX: a stream inside the process, which nobody else can enter.

QuickFIX accepts on a listener that takes exactly one connection: its queue has one place (backlog
0), the venue's own end stands in it, and the listener is shut for everybody else before QuickFIX
looks. So QuickFIX can only accept what the venue has connected. Between two hand-overs QuickFIX's
listener has no name at all.
"""

import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

_TRIES = 100


class PrivateWayError(Exception):
    """QuickFIX did not take the connection; text says why."""


class PrivateWay:
    """Replaces the listening socket that QuickFIX has under `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._nowhere = _listener_without_a_name()
        os.dup2(self._nowhere.fileno(), descriptor, inheritable=False)

    def connect(self, poll: Callable[[], None]) -> socket.socket:
        """A non-blocking connection whose other end QuickFIX has accepted. Raises PrivateWayError.

        poll: QuickFIX's poll. One that clears up after other streams accepts nobody.
        """
        for _ in range(_TRIES):
            own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            own.setblocking(False)
            try:
                if self._offer(own, poll):
                    return own
            except BlockingIOError:
                pass  # somebody found the name and stands in the one place: try another name
            except OSError as error:
                own.close()
                raise PrivateWayError(error.strerror or str(error)) from error
            own.close()
        raise PrivateWayError("QuickFIX did not accept")

    def _offer(self, own: socket.socket, poll: Callable[[], None]) -> bool:
        """Let QuickFIX poll once while only `own` can be accepted. Returns whether it was."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            name = "\0" + secrets.token_hex(24)  # plain text: others print what they find
            listener.bind(name)
            listener.listen(0)
            own.connect(name)  # fails when somebody else stands in the one place
            listener.shutdown(socket.SHUT_RD)  # from here on nobody can connect any more
            os.dup2(listener.fileno(), self._descriptor, inheritable=False)
            try:
                poll()
            finally:
                os.dup2(self._nowhere.fileno(), self._descriptor, inheritable=False)
            return _was_taken(listener)

    def close(self) -> None:
        """Close the listener; QuickFIX closes its own descriptor."""
        self._nowhere.close()


def _was_taken(listener: socket.socket) -> bool:
    """Whether the one place is empty: the connection in it was accepted."""
    listener.setblocking(False)
    try:
        left, _ = listener.accept()
    except OSError:
        return True
    left.close()
    return False


def _listener_without_a_name() -> socket.socket:
    """A listener whose path is removed at once: nobody can ever connect to it."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory(prefix="venue-") as directory:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            listener.bind(f"/proc/self/fd/{handle}/nowhere")
        finally:
            os.close(handle)
        Path(directory, "nowhere").unlink()
    listener.listen(0)
    return listener


def listening_descriptor(port: int) -> int:
    """The descriptor with which this process listens on `port` of all addresses.

    Raises PrivateWayError.
    """
    for entry in list(Path("/dev/fd").iterdir()):
        try:
            candidate = socket.socket(fileno=int(entry.name))
        except OSError:
            continue  # not a socket, or the listing's own descriptor
        try:
            if (
                candidate.family == socket.AF_INET
                and candidate.getsockname() == ("0.0.0.0", port)
                and candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            ):
                return int(entry.name)
        finally:
            candidate.detach()
    raise PrivateWayError(f"QuickFIX does not listen on its port {port}")


__all__ = ["PrivateWay", "PrivateWayError", "listening_descriptor"]
