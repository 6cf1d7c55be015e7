"""What trading asks a process beside it about a session, and the answer: a line of JSON each way.

Knows types and the asking end of the socket. Asking blocks: for a worker thread, never a loop.
"""

import socket
from pathlib import Path
from typing import Literal

import msgspec

from venue.admin.address import short_address, stream_socket
from venue.admin.answers import Connection, RefusedLogon, SessionEnd

ANSWER_SECONDS = 2.0
_MOST_BYTES = 1 << 20


class ProcessAway(Exception):
    """The process does not answer; text says why, in one line."""


Act = Literal["show", "end", "reset", "look"]


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """act: end: log it out, if it is on; reset: its numbers; look: who is disabled, and who failed
    to log on may try again; show: nothing. Each is answered by how the session is then.

    text: of the Logout.
    """

    act: Act
    session: str
    text: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its process has it. refused: why nothing was done; empty: it was.

    Fields as in admin.answers.SessionRow and SessionAnswer.
    """

    refused: str = ""
    logged_on: bool = False
    next_in: int = 0
    next_out: int = 0
    unread: int = 0
    connection: Connection | None = None
    refused_logons: list[RefusedLogon] = []
    ended: SessionEnd | None = None
    subscriptions: int = 0
    conflated: bool = False
    position: int | None = None


def ask(path: Path, question: Ask, seconds: float = ANSWER_SECONDS) -> Told:
    """Ask at a process's socket. Raises ProcessAway."""
    try:
        with stream_socket() as connection:
            connection.settimeout(seconds)
            with short_address(path) as address:
                connection.connect(address)
            connection.sendall(msgspec.json.encode(question) + b"\n")
            return msgspec.json.decode(_line(connection), type=Told)
    except TimeoutError as error:
        raise ProcessAway(f"it did not answer within {seconds:g} s") from error
    except OSError as error:
        raise ProcessAway("it does not run") from error
    except msgspec.MsgspecError as error:
        raise ProcessAway(f"it is of another version: {error}") from error


def _line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        chunk = connection.recv(1 << 16)
        if not chunk or len(received) > _MOST_BYTES:
            raise ConnectionResetError("the process closed the connection")
        received += chunk
    return received


__all__ = ["ANSWER_SECONDS", "Act", "Ask", "ProcessAway", "Told", "ask"]
