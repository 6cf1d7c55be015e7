"""Who is logged in at the desk: a random cookie in the browser, the tokens here and nowhere else.

Knows the API's answers and the hub's LOGINS. Nothing of it is on disk: when the gateway is started
again, people log in again.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import structlog

from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.scopes import Scope, scopes_of
from venue.gateway.tokens import TokenRefused, Tokens

COOKIE = "venue_desk"
IDLE_SECONDS = 12 * 3600
"""A login that nobody has used for so long has ended."""
MOST = 10_000
VENUE = "_"
"""The member of the venue's own people."""
_EARLY_SECONDS = 60
_log = structlog.get_logger("gateway")


class Login:
    """One login. renewing: held while its tokens are renewed, for a refresh token counts once."""

    def __init__(self, user: str, member: str, family: str) -> None:
        self.user = user
        self.member = member
        self.family = family
        self.scopes: frozenset[Scope] = frozenset()
        self.access = ""
        self.refresh = ""
        self.renew_at = 0.0
        self.used_at = time.monotonic()
        self.renewing = asyncio.Lock()
        self._ended: dict[int, Callable[[], None]] = {}
        self._next = 0

    @property
    def is_operator(self) -> bool:
        """Whether he is one of the venue's own people, and may operate."""
        return self.member == VENUE and Scope.OPERATE in self.scopes

    @property
    def is_trader(self) -> bool:
        """Whether he is of a member whose orders he may see."""
        return self.member != VENUE and Scope.READ in self.scopes

    def take(self, told: dict[str, Any]) -> None:
        """Take the answer of /oauth/token."""
        self.access = told["access_token"]
        self.refresh = told.get("refresh_token", "")
        self.scopes = scopes_of(told["scope"])
        self.renew_at = time.monotonic() + max(told["expires_in"] - _EARLY_SECONDS, 1)

    def on_end(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call this once the login has ended. Returns what takes it back."""
        self._next += 1
        number = self._next
        self._ended[number] = callback

        def forget() -> None:
            self._ended.pop(number, None)

        return forget

    def end(self) -> None:
        """Tell all of its pages that it has ended."""
        for callback in [*self._ended.values()]:
            callback()
        self._ended.clear()


class Logins:
    """The logins by their cookie, the least used first."""

    def __init__(self, tokens: Tokens, hub: Hub) -> None:
        self._tokens = tokens
        self._by_cookie: OrderedDict[str, Login] = OrderedDict()
        hub.listen(Topic.LOGINS, EVERYBODY, self._hear)

    def add(self, told: dict[str, Any]) -> str:
        """Begin a login with the answer of /oauth/token. Returns its cookie.

        Raises TokenRefused.
        """
        access = self._tokens.checked(told["access_token"], time.time_ns())
        login = Login(access.user.name, access.user.member, access.family)
        login.take(told)
        cookie = secrets.token_urlsafe(32)
        self._by_cookie[cookie] = login
        while len(self._by_cookie) > MOST:
            self._by_cookie.popitem(last=False)[1].end()
        return cookie

    def get(self, cookie: str) -> Login | None:
        """The login of a cookie; None: there is none, or it has ended."""
        login = self._by_cookie.get(cookie)
        if login is None:
            return None
        now = time.monotonic()
        if now - login.used_at > IDLE_SECONDS or not self._is_good(login):
            self.end(cookie)
            return None
        login.used_at = now
        self._by_cookie.move_to_end(cookie)
        return login

    def end(self, cookie: str) -> Login | None:
        """End a login here. Returns it, if there was one."""
        login = self._by_cookie.pop(cookie, None)
        if login is not None:
            login.end()
        return login

    def forget(self, login: Login) -> None:
        """End a login whose tokens are not taken any more."""
        for cookie in [key for key, each in self._by_cookie.items() if each is login]:
            self.end(cookie)

    def _is_good(self, login: Login) -> bool:
        """Whether its access token is, or it can still be renewed."""
        if time.monotonic() >= login.renew_at and login.refresh:
            return True
        try:
            self._tokens.checked(login.access, time.time_ns())
        except TokenRefused:
            return False
        return True

    def _hear(self, user: str, family: Any) -> None:
        """A user's login, or all of them, has ended elsewhere."""
        for login in [*self._by_cookie.values()]:
            if login.user == user and family in ("", login.family):
                _log.info("desk_login_ended", user=user)
                self.forget(login)
