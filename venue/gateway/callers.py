"""Who calls: a token or a signed request, checked; lock-out, limits, and what is noted of it.

Knows tokens, keys and limits; of a request only what it is told. An answer to a wrong secret never
says what was wrong with it.
"""

import asyncio
import hmac
import time
from collections.abc import Callable
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope
from venue.gateway.signatures import SignatureRefused, Signatures
from venue.gateway.store import Store
from venue.gateway.tokens import TokenRefused, Tokens
from venue.gateway.users import ApiKey, User, Users

FAILURES = RateLimitItemPerMinute(5, 10)
"""Wrong secrets of one name from one address in ten minutes that lock it out."""
OF_A_CALLER = RateLimitItemPerSecond(50)
OF_AN_ADDRESS = RateLimitItemPerSecond(200)
OF_ORDERS = RateLimitItemPerSecond(500)
_REFUSED = "the token, key or signature is not good"


class Caller(NamedTuple):
    """Who calls, and what for he may. family: of his token; empty: a signed request. key: his."""

    user: User
    scopes: frozenset[Scope]
    family: str
    key: str

    @property
    def member(self) -> str:
        """Whose data and orders he may see."""
        return self.user.member

    def need(self, scope: Scope) -> None:
        """Raise Problem FORBIDDEN unless he may do what needs this scope."""
        if scope not in self.scopes:
            raise Problem(Code.FORBIDDEN, f"it needs the scope {scope}", field="scope")


class Budget(NamedTuple):
    """What is left of a limit. seconds: until all of it is there again."""

    limit: int
    left: int
    seconds: int


class Callers:
    """Checks who calls, and how often."""

    def __init__(self, store: Store, users: Users, tokens: Tokens) -> None:
        self._store = store
        self._users = users
        self._tokens = tokens
        self._signatures = Signatures()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    # Limits

    def count(self, limit: RateLimitItem, *who: str) -> Budget:
        """Count one call. Raises Problem TOO_MANY when there were too many."""
        is_within = self._limiter.hit(limit, *who)
        reset, left = self._limiter.get_window_stats(limit, *who)
        seconds = max(1, int(reset - time.time()) + 1)
        if not is_within:
            raise Problem(Code.TOO_MANY, f"more than {limit}", retry_after=seconds)
        return Budget(limit.amount, left, seconds)

    def _ensure_not_locked(self, name: str, address: str) -> None:
        if not self._limiter.test(FAILURES, name, address):
            reset, _ = self._limiter.get_window_stats(FAILURES, name, address)
            seconds = max(1, int(reset - time.time()) + 1)
            raise Problem(Code.TOO_MANY, "too many wrong passwords", retry_after=seconds)

    def _fail(self, kind: str, name: str, address: str, why: str) -> Problem:
        self._limiter.hit(FAILURES, name, address)
        self._store.note(kind, name, address, why, time.time_ns())
        return Problem(Code.UNAUTHENTICATED, _REFUSED)

    # Secrets

    async def log_in(self, name: str, password: str, address: str) -> User:
        """The user of a password. Raises Problem: UNAUTHENTICATED, TOO_MANY."""
        self._ensure_not_locked(name, address)
        user = await asyncio.to_thread(self._users.checked, name, password)
        if user is None:
            raise self._fail("login_refused", name, address, "password")
        self._store.note("login", name, address, "password", time.time_ns())
        return user

    def client(self, key: str, secret: str, address: str) -> Caller:
        """Who shows an API key with its secret (client_credentials). Raises as `log_in`."""
        self._ensure_not_locked(key, address)
        found = self._users.key(key)
        if found is None or not hmac.compare_digest(found.secret, secret):
            raise self._fail("login_refused", key, address, "API key")
        self._store.note("login", found.user.name, address, f"API key {key}", time.time_ns())
        return Caller(found.user, found.scopes, "", key)

    def bearer(self, token: str, address: str) -> Caller:
        """Who shows an access token. Raises Problem UNAUTHENTICATED."""
        try:
            access = self._tokens.checked(token, time.time_ns())
        except TokenRefused as error:
            self._store.note("token_refused", "", address, str(error), time.time_ns())
            raise Problem(Code.UNAUTHENTICATED, _REFUSED) from error
        return Caller(access.user, access.scopes, access.family, "")

    def proven(self, key: str, address: str, doubt: Callable[[ApiKey], str]) -> Caller:
        """Who has proven to have an API key. doubt: what is wrong with the proof; empty: nothing.

        Raises as `log_in`.
        """
        self._ensure_not_locked(key, address)
        found = self._users.key(key)
        why = "no such key" if found is None else doubt(found)
        if found is None or why:
            raise self._fail("signature_refused", key, address, why)
        return Caller(found.user, found.scopes, "", key)

    def signed(
        self, key: str, timestamp: str, signature: str, method: str, path: str, body: bytes,
        address: str,
    ) -> Caller:  # fmt: skip
        """Who has signed a request. Raises Problem: UNAUTHENTICATED, TOO_MANY."""
        self._ensure_not_locked(key, address)
        found = self._users.key(key)
        if found is None:
            raise self._fail("signature_refused", key, address, "no such key")
        now_ms = time.time_ns() // 1_000_000
        try:
            self._signatures.check(found, timestamp, signature, method, path, body, now_ms)
        except SignatureRefused as error:
            raise self._fail("signature_refused", key, address, str(error)) from error
        return Caller(found.user, found.scopes, "", key)
