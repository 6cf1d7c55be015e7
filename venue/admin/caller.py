"""Who has opened a connection to the admin socket, as far as the system and the caller say."""

import socket
import struct
from typing import NamedTuple

TOKEN = "token"
"""Key of a request that has the token of a login; it is no part of what is asked."""
BEHALF = "behalf"
"""Key of a request by the gateway: the operator's name whose password the gateway has checked."""
_CREDENTIALS = struct.Struct("3i")


class Caller(NamedTuple):
    """uid: Unix account that has opened the connection. token: of a login, if one came.

    behalf: in whose name the gateway asks, if it is the gateway.
    """

    uid: int
    token: str | None = None
    behalf: str | None = None


def uid_of(connection: socket.socket) -> int:
    """The account at the other end, as the kernel has noted it when the connection was made."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(found)
    return int(uid)
