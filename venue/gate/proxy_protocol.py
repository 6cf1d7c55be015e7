"""PROXY protocol, version 2: a load balancer names its client before the first byte of TLS.

Pure but for `read_header`, which reads one socket. Source: proxy-protocol.txt of haproxy, 2.2.
"""

import asyncio
import ipaddress
import socket
import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = struct.Struct("!12sBBH")
_MOST_BYTES = 2048
"""The longest body. Addresses take 36 bytes of it; additions behind them are skipped."""
_LOCAL, _PROXY = 0x20, 0x21
_TCP_IPV4, _TCP_IPV6 = 0x11, 0x21
_ADDRESSES = {_TCP_IPV4: struct.Struct("!4s4sHH"), _TCP_IPV6: struct.Struct("!16s16sHH")}


class ProxyHeaderError(Exception):
    """The first bytes are no header of PROXY protocol version 2; text says what is wrong."""


async def read_header(
    loop: asyncio.AbstractEventLoop, connection: socket.socket
) -> tuple[str, int] | None:
    """Read the header, and not one byte more. Returns the client's address and port.

    None: the balancer itself has connected (a health check). Raises ProxyHeaderError, OSError.
    """
    fixed = await _exactly(loop, connection, _FIXED.size)
    signature, command, family, length = _FIXED.unpack(fixed)
    if signature != SIGNATURE:
        raise ProxyHeaderError("the load balancer sent no PROXY header of version 2")
    if length > _MOST_BYTES:
        raise ProxyHeaderError(f"a PROXY header of {length} bytes")
    return client_of(command, family, await _exactly(loop, connection, length))


def client_of(command: int, family: int, body: bytes) -> tuple[str, int] | None:
    """Address and port of the client in a header's body; None: LOCAL. Raises ProxyHeaderError."""
    if command == _LOCAL:
        return None
    if command != _PROXY:
        raise ProxyHeaderError(f"PROXY version and command {command:#04x}")
    layout = _ADDRESSES.get(family)
    if layout is None:
        raise ProxyHeaderError(f"PROXY address family {family:#04x}: TCP over IP is needed")
    if len(body) < layout.size:
        raise ProxyHeaderError("a PROXY header that is too short for its addresses")
    source, _, port, _ = layout.unpack_from(body)
    return str(ipaddress.ip_address(source)), port


async def _exactly(loop: asyncio.AbstractEventLoop, connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        chunk = await loop.sock_recv(connection, count - len(read))
        if not chunk:
            raise ProxyHeaderError("the connection ended inside the PROXY header")
        read += chunk
    return read
