"""Headers of the desk's pages: a content security policy for what NiceGUI needs, and no more.

Pure ASGI. Scripts run from this host only, or with the page's own nonce. `unsafe-eval` is needed:
NiceGUI compiles its templates in the browser and sends what it calls there as text.
"""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
"""Content Security Policy Level 3. Styles are set on elements by the libraries, so inline."""
_POLICY_VIOLATION = 1008
_HTML = "text/html"
_SCRIPT = b"<script"


class Guarded:
    """An application whose pages get the policy, and whose own scripts get its nonce."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self._app(scope, receive, _Page(send).send)
        elif _is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})


def _is_own(headers: Headers) -> bool:
    """Whether a socket is opened by a page of this host, or by no page (RFC 6455, 10.2)."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class _Page:
    """One answer. A page is held until it is whole; anything else passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if headers.get("content-type", "").startswith(_HTML):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        nonce = secrets.token_urlsafe(18)
        body = self._body.replace(_SCRIPT, _SCRIPT + f' nonce="{nonce}"'.encode())
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
        headers["Referrer-Policy"] = "same-origin"  # else its forms are posted without an Origin
        headers["Content-Length"] = str(len(body))
        start["headers"] = headers.raw
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
