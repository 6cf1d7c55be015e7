"""Bodies in JSON that mean one thing only: a key that comes twice, NaN and Infinity are refused.

RFC 8259 (4) leaves open which of two keys counts: whoever reads it before could see another one.
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response


def decoded(body: bytes) -> Any:
    """What a body says. Raises json.JSONDecodeError."""
    return json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise json.JSONDecodeError("a key comes twice", "", 0)
    return found


def _no_number(text: str) -> NoReturn:
    raise json.JSONDecodeError(f"{text} is no number", "", 0)


class StrictRequest(Request):
    """Reads its JSON by `decoded`."""

    async def json(self) -> Any:
        """What the body says. Raises json.JSONDecodeError."""
        return decoded(await self.body())


class StrictRoute(APIRoute):
    """A path whose body is read strictly: `APIRouter(route_class=StrictRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's handler, given a StrictRequest."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            response: Response = await handle(StrictRequest(request.scope, request.receive))
            return response

        return strict
