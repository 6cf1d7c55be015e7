"""A client of /v1/stream for tests: every message that it hears is held against its schema."""

import itertools
import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import jsonschema
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.json"
SECONDS = 20.0
Said = dict[str, Any]


@cache
def _components() -> Any:
    return json.loads(DOCUMENT.read_text())["components"]


@cache
def validator_of(name: str) -> Any:
    """What a message of that name is held against."""
    components = _components()
    schema = components["messages"][name]["payload"]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": components})


def _connected(url: str, receive_bytes: int) -> socket.socket:
    found = socket.socket()
    if receive_bytes:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    parts = urlsplit(url)
    found.connect((parts.hostname, parts.port))
    return found


class StreamClient:
    """One socket. `said`: all that it has heard, in order."""

    def __init__(
        self, url: str, token: str = "", *, receive_bytes: int = 0, origin: str = ""
    ) -> None:
        """token: as it stands in the header, with its scheme, or an access token alone.

        receive_bytes: so little is taken before it is read; 0: as the system has it.
        """
        headers = {"Origin": origin} if origin else {}
        if token:
            headers["Authorization"] = token if " " in token else f"Bearer {token}"
        self._open = ExitStack()
        self._socket = self._open.enter_context(
            connect(
                url,
                sock=_connected(url, receive_bytes),
                additional_headers=headers,
                open_timeout=SECONDS,
                max_size=None,
                max_queue=1 if receive_bytes else 16,
                proxy=None,
            )
        )
        self._ids = itertools.count(1)
        self.said: list[Said] = []

    def hear(self, seconds: float = SECONDS) -> Said:
        """The next message."""
        said: Said = json.loads(self._socket.recv(seconds))
        validator_of(said["type"]).validate(said)
        self.said.append(said)
        return said

    def until(self, condition: Callable[[Said], bool], seconds: float = SECONDS) -> Said:
        """The next message that is so."""
        while not condition(said := self.hear(seconds)):
            pass
        return said

    def find(self, condition: Callable[[Said], bool], seconds: float = SECONDS) -> Said:
        """The first message that is so, of what was heard or is still to come."""
        found = next(filter(condition, self.said), None)
        return self.until(condition, seconds) if found is None else found

    def until_type(self, type_: str, seconds: float = SECONDS) -> Said:
        """The next message of a type."""
        return self.until(lambda said: said["type"] == type_, seconds)

    def send(self, text: str) -> None:
        """Say something, whatever it is."""
        self._socket.send(text)

    def ask(self, op: str, **fields: Any) -> Said:
        """The answer to a request."""
        id_ = str(next(self._ids))
        request = {"op": op, "id": id_, **fields}
        validator_of(op).validate(request)
        self._socket.send(json.dumps(request))
        return self.until(lambda said: said.get("id") == id_)

    def subscribe(self, channel: str, **fields: Any) -> Said:
        """What a channel says first, behind the answer."""
        answer = self.ask("subscribe", channel=channel, **fields)
        assert answer["type"] == "subscribed", answer
        return self.until_type(f"{channel}.snapshot")

    def ended(self, seconds: float = SECONDS) -> tuple[int, str]:
        """Code and reason of the end, whatever is said before it."""
        try:
            while True:
                self.said.append(json.loads(self._socket.recv(seconds)))
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, closed
            return closed.rcvd.code, closed.rcvd.reason

    def close(self) -> None:
        """End it."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
