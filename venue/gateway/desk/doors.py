"""Logging in and out: two forms that a browser posts, from the desk's own pages only.

Knows the API and the logins. A login makes a new cookie, so that nobody can have set it before.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Form, Request
from starlette.responses import RedirectResponse, Response

from venue.gateway.context import address_of
from venue.gateway.desk.api import client_of, problem_of
from venue.gateway.desk.logins import COOKIE, IDLE_SECONDS, Logins
from venue.gateway.problems import Code, Problem

TROUBLES = {
    "UNAUTHENTICATED": "The name or the password is not right.",
    "TOO_MANY": "Too many wrong passwords. Try again in ten minutes.",
    "AWAY": "The gateway cannot check the password now. Try again.",
    "ended": "Your login has ended. Log in again.",
}
"""What the login page says, by the code in its address."""
Text = Annotated[str, Form()]


def doors(app: FastAPI, logins: Logins) -> APIRouter:
    """The two paths, /login and /logout."""
    router = APIRouter(include_in_schema=False)

    @router.post("/login")
    async def log_in(
        request: Request, username: Text = "", password: Text = "", next_: Text = ""
    ) -> Response:
        """Log in, and go where the page wanted to."""
        _ensure_own_page(request)
        form = {"grant_type": "password", "username": username, "password": password}
        async with client_of(app, address_of(request)) as client:
            response = await client.post("/oauth/token", data=form)
        if not response.is_success:
            code = problem_of(response).code
            known = code if code in TROUBLES else Code.AWAY
            return RedirectResponse(f"/login?problem={known}&next={_local(next_)}", 303)
        logins.end(request.cookies.get(COOKIE, ""))
        cookie = logins.add(response.json())
        found = RedirectResponse(_local(next_), 303)
        found.set_cookie(
            COOKIE,
            cookie,
            max_age=IDLE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return found

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        """End the login, with its tokens."""
        _ensure_own_page(request)
        login = logins.end(request.cookies.get(COOKIE, ""))
        if login is not None:
            async with client_of(app, address_of(request)) as client:
                await client.post("/oauth/revoke", data={"token": login.refresh or login.access})
        found = RedirectResponse("/login?problem=ended", 303)  # where its pages go too
        found.delete_cookie(COOKIE)
        return found

    return router


def _ensure_own_page(request: Request) -> None:
    """Raise Problem FORBIDDEN for a form that another site has posted (its Origin, RFC 6454)."""
    origin = request.headers.get("origin", "")
    if urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem(Code.FORBIDDEN, "the form is not from this desk", field="origin")


def _local(path: str) -> str:
    """A path of the desk; the desk's first page for anything else."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_local and path.isprintable() else "/"
