"""Asking the running venue: one request, one answer, over the admin socket."""

import json
import socket
from pathlib import Path
from typing import Any, cast

import msgspec

from venue.admin.address import short_address, stream_socket
from venue.admin.answers import Refusal
from venue.admin.caller import BEHALF, TOKEN
from venue.admin.login_file import LoginUnreadable, login_of
from venue.admin.requests import A, Request, answer_type
from venue.data_directory import DataDirectory

TIMEOUT_S = 5.0


class VenueUnreachable(Exception):
    """No running venue answers in this data directory; text is one line for the user."""


def ask(
    data_dir: Path, request: Request[A], timeout_s: float = TIMEOUT_S, behalf: str | None = None
) -> A | Refusal:
    """Answer to `request`. Raises VenueUnreachable as `call` does, and for no such answer."""
    reply = call(data_dir, msgspec.to_builtins(request), timeout_s, behalf)
    kind = answer_type(type(request)) if reply.get("ok") is True else Refusal
    try:
        return cast("A | Refusal", msgspec.convert(reply, kind))
    except msgspec.ValidationError as error:
        raise VenueUnreachable(
            f"the venue in {data_dir} is of another version than this command: {error}"
        ) from error


def call(
    data_dir: Path,
    request: dict[str, Any],
    timeout_s: float = TIMEOUT_S,
    behalf: str | None = None,
) -> dict[str, Any]:
    """Reply to `request`: {"ok": true, ...} or {"ok": false, "error": one line}.

    Asks as who is logged in at this venue, else as the Unix account; the gateway asks on behalf of
    an operator. Raises VenueUnreachable when nothing listens or no answer comes within `timeout_s`.
    """
    request = {**request, **_who(data_dir, behalf)}
    try:
        with stream_socket() as connection:
            connection.settimeout(timeout_s)
            with short_address(DataDirectory(data_dir).admin_socket) as address:
                connection.connect(address)
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = _read_line(connection)
    except TimeoutError as error:
        raise VenueUnreachable(
            f"the venue in {data_dir} did not answer within {timeout_s:g} s"
        ) from error
    except PermissionError as error:
        raise VenueUnreachable(f"the admin socket of {data_dir} is not for this account") from error
    except OSError as error:
        raise VenueUnreachable(f"no venue is running in {data_dir}") from error
    reply: dict[str, Any] = json.loads(line)
    return reply


def _who(data_dir: Path, behalf: str | None) -> dict[str, str]:
    """What a request says of who asks, beside the Unix account."""
    if behalf is not None:
        return {BEHALF: behalf}
    try:
        login = login_of(data_dir)
    except LoginUnreadable as error:
        raise VenueUnreachable(str(error)) from error
    return {} if login is None else {TOKEN: login.token}


def _read_line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        chunk = connection.recv(1 << 16)
        if not chunk:
            raise ConnectionResetError("the venue closed the admin connection")
        received += chunk
    return received
