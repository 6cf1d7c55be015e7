"""Paths of FastAPI whose bodies are read strictly; see strict_json.py."""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from venue.gateway.strict_json import decoded


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
