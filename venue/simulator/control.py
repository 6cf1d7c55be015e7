"""How a running simulator is told what to do: a Unix socket, one JSON line there and one back.

The socket is its owner's alone.
"""

import asyncio
import os
import socket
from pathlib import Path

import msgspec

from venue.admin.address import short_address, stream_socket
from venue.simulator.behaviours import AnyBehaviour
from venue.simulator.proxy import Proxy, Status
from venue.simulator.script import ScriptError

_ANSWER_SECONDS = 5.0
_MOST_BYTES = 1 << 20


class NoSimulator(Exception):
    """No simulator answers at this socket; the text is one line."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """clear comes first, then do."""

    clear: bool = False
    do: list[AnyBehaviour] = []


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How the simulator is afterwards; error: why nothing was done."""

    status: Status
    error: str = ""


class Control:
    """Tells the simulator at this socket what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def do(self, *behaviours: AnyBehaviour) -> Status:
        """Arm these behind the others. Raises NoSimulator, and ScriptError when it refuses."""
        return self._ask(Request(do=list(behaviours)))

    def clear(self) -> Status:
        """Arm nothing."""
        return self._ask(Request(clear=True))

    def status(self) -> Status:
        """Who is connected, what was asked for, what became of it."""
        return self._ask(Request())

    def _ask(self, request: Request) -> Status:
        try:
            with stream_socket() as connection, short_address(self._path) as address:
                connection.settimeout(_ANSWER_SECONDS)
                connection.connect(address)
                connection.sendall(msgspec.json.encode(request) + b"\n")
                with connection.makefile("rb") as stream:
                    answer = msgspec.json.decode(stream.readline(), type=Answer)
        except (OSError, msgspec.MsgspecError) as error:
            raise NoSimulator(f"no simulator answers at {self._path}: {error}") from error
        if answer.error:
            raise ScriptError(answer.error)
        return answer.status


def listening_socket(path: Path) -> socket.socket:
    """A socket at this path, for its owner only; a dead one that is there is replaced.

    Raises OSError; FileExistsError where another simulator serves it.
    """
    with short_address(path) as address:
        with stream_socket() as probe:
            try:
                probe.connect(address)
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)
            else:
                raise FileExistsError(f"another simulator serves {path}")
        listener = stream_socket()
        mask = os.umask(0o177)
        try:
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(mask)
    listener.listen()
    return listener


async def serve_control(listener: socket.socket, proxy: Proxy) -> asyncio.Server:
    """Answer requests at this socket."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            writer.write(msgspec.json.encode(_done(line, proxy)) + b"\n")
            await writer.drain()
        except (OSError, ValueError):  # who asked has left, or does not stop asking
            pass
        finally:
            writer.close()

    return await asyncio.start_unix_server(answer, sock=listener, limit=_MOST_BYTES)


def _done(line: bytes, proxy: Proxy) -> Answer:
    try:
        request = msgspec.json.decode(line, type=Request)
        if request.clear:
            proxy.clear()
        proxy.do(request.do)
    except (msgspec.MsgspecError, ScriptError) as error:
        return Answer(status=proxy.status(), error=str(error))
    return Answer(status=proxy.status())
