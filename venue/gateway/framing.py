"""Around every HTTP request: how large it may be, and what every answer's head has.

Plain ASGI, so that it costs microseconds and streams pass through. Knows nothing of the paths.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from venue.gateway import tracing
from venue.gateway.context import BODY_BYTES_MAX, budget_headers, refusal
from venue.gateway.problems import Code, Problem


class TooLarge(Problem):
    """A body is larger than is read."""

    def __init__(self) -> None:
        super().__init__(Code.BAD_REQUEST, f"at most {BODY_BYTES_MAX} bytes")


class Framing:
    """headers: names and texts that an answer has unless it says otherwise itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), text.encode()) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: pass a request on, its body counted, its answer's head filled."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0
        headers = dict(scope["headers"])
        traceparent = headers.get(b"traceparent", b"").decode("latin-1")
        tracing.begin(f"{scope['method']} {scope['path']}", traceparent)

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES_MAX:
                raise TooLarge
            return message

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                budget = scope.get("state", {}).get("budget")
                own = [] if budget is None else budget_headers(budget)
                said = {name for name, _ in message["headers"]}
                own += [each for each in self._headers if each[0] not in said]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await refusal(TooLarge())(scope, receive, framed)
            return
        await self._app(scope, counted, framed)
