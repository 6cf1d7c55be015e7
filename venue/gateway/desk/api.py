"""The API as the desk's pages call it: in this process, with the user's token, as any client would.

Knows HTTP and logins. A page that acts for somebody has nothing but this.
"""

import time
from typing import Any

import httpx
from fastapi import FastAPI

from venue.gateway.desk.logins import Login, Logins
from venue.gateway.problems import Code, Problem

ANSWER_SECONDS = 15.0
_PORT = 0


def client_of(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A client of this application, whose calls come from this address."""
    transport = httpx.ASGITransport(app=app, client=(address, _PORT), raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://desk.invalid", timeout=ANSWER_SECONDS
    )


def problem_of(response: httpx.Response) -> Problem:
    """The problem that an answer tells."""
    try:
        told = response.json()
        code = Code(told["code"])
    except (ValueError, KeyError, TypeError):
        return Problem(Code.AWAY, f"the gateway has answered {response.status_code}")
    retry_after = response.headers.get("retry-after", "")
    return Problem(
        code,
        told.get("message", ""),
        field=told.get("field", ""),
        venue_code=told.get("venue_code", ""),
        retry_after=int(retry_after) if retry_after.isdigit() else None,
    )


class Api:
    """Calls for one page. login: whose token they carry; None: nobody's."""

    def __init__(self, app: FastAPI, address: str, logins: Logins, login: Login | None) -> None:
        self._client = client_of(app, address)
        self._logins = logins
        self._login = login

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """What the API answers. Raises Problem; UNAUTHENTICATED ends the login."""
        headers = {}
        if self._login is not None:
            self._login.used_at = time.monotonic()
            await self._renew(self._login)
            headers["Authorization"] = f"Bearer {self._login.access}"
        try:
            response = await self._client.request(
                method, path, json=body, params=query or None, headers=headers
            )
        except httpx.HTTPError as error:
            raise Problem(Code.AWAY, f"the gateway does not answer: {error!r}") from error
        if response.is_success or (path == "/v1/status" and response.status_code == 503):
            return response.json()
        problem = problem_of(response)
        if problem.code is Code.UNAUTHENTICATED and self._login is not None:
            self._logins.forget(self._login)
        raise problem

    async def get(self, path: str, **query: Any) -> Any:
        """As `call`, with GET."""
        return await self.call("GET", path, None, **query)

    async def close(self) -> None:
        """Nothing is called any more."""
        await self._client.aclose()

    async def _renew(self, login: Login) -> None:
        """Get the next pair of tokens, if these are about to end. Raises Problem."""
        async with login.renewing:
            if time.monotonic() < login.renew_at or not login.refresh:
                return
            form = {"grant_type": "refresh_token", "refresh_token": login.refresh}
            response = await self._client.post("/oauth/token", data=form)
            if response.is_success:
                login.take(response.json())
                return
            problem = problem_of(response)
            if problem.code is Code.UNAUTHENTICATED:
                self._logins.forget(login)
            raise problem
