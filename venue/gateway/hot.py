"""Paths that are asked most, past FastAPI: its way to a path cost a third of an order's time.

The same functions answer. FastAPI describes them, and serves all other paths.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from venue.gateway.context import refusal
from venue.gateway.problems import Problem

Answers = Callable[[Request], Awaitable[Response]]


class Hot(NamedTuple):
    """A path, as FastAPI has it, and what answers it; its parameters are the request's."""

    method: str
    path: str
    answers: Answers


class HotPaths:
    """ASGI: answers these paths, and passes everything else on."""

    def __init__(self, app: ASGIApp, hot: Iterable[Hot]) -> None:
        self._app = app
        self._hot: dict[str, list[tuple[re.Pattern[str], Answers]]] = {}
        for each in hot:
            pattern, _, _ = compile_path(each.path)
            self._hot.setdefault(each.method, []).append((pattern, each.answers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            for pattern, answers in self._hot.get(scope["method"], ()):
                found = pattern.match(scope["path"])
                if found is not None:
                    scope["path_params"] = found.groupdict()
                    await _answer(answers, scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _answer(answers: Answers, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await answers(Request(scope, receive))
    except Problem as problem:
        response = refusal(problem)
    except ClientDisconnect:  # nobody waits for an answer
        return
    await response(scope, receive, send)
