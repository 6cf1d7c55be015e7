"""Who calls: a token or a signed request, checked; lock-out, limits, and what is noted of it.

Knows tokens, keys and limits; of a request only what it is told. An answer to a wrong secret never
says what was wrong with it.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerSecond
from limits.strategies import MovingWindowRateLimiter

from venue.addresses import address_key, is_loopback
from venue.gateway.lockouts import LONGEST_NAME, LockOuts
from venue.gateway.problems import Code, Problem
from venue.gateway.scopes import Scope
from venue.gateway.signatures import SignatureRefused, Signatures
from venue.gateway.store import Store
from venue.gateway.tokens import TokenRefused, Tokens
from venue.gateway.users import ApiKey, User, Users
from venue.gateway.windows import Windows
from venue.rate_cap import RateCap

OF_A_CALLER = RateLimitItemPerSecond(50)
OF_AN_ADDRESS = RateLimitItemPerSecond(200)
OF_ORDERS = RateLimitItemPerSecond(500)
"""Limits, as they are unless [gateway] has others."""
OF_LOGINS = RateLimitItemPerSecond(20)
"""Logins, right or wrong, of an address: each costs a hash that takes some 50 ms."""
OF_REGISTRATIONS = RateLimitItemPerHour(10)
NOTED_A_MINUTE = 60
"""Refused tokens of an address that are noted; of more nothing is said."""
_HASHES_AT_ONCE = 2
T = TypeVar("T")
_REFUSED = "the token, key or signature is not good"


class Caller(NamedTuple):
    """Who calls, and what for he may. family: of his token; empty: a signed request.

    key: with which he has signed, or got his token; empty: he has logged in by password. expires:
    when his token ends, in seconds since 1970; 0: he has shown none.
    """

    user: User
    scopes: frozenset[Scope]
    family: str
    key: str
    expires: int = 0

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

    def __init__(
        self,
        store: Store,
        users: Users,
        tokens: Tokens,
        limits: Mapping[RateLimitItem, RateLimitItem] = MappingProxyType({}),
    ) -> None:
        """limits: those that are others than this file's."""
        self._store = store
        self._users = users
        self._tokens = tokens
        self._limits = limits
        self._lockouts = LockOuts(store)
        self._signatures = Signatures()
        self._limiter = MovingWindowRateLimiter(Windows())
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._noted = RateCap(NOTED_A_MINUTE)

    # Limits

    def count(self, limit: RateLimitItem, *who: str) -> Budget:
        """Count one call. Raises Problem TOO_MANY when there were too many."""
        limit = self._limits.get(limit, limit)
        is_within = self._limiter.hit(limit, *who)
        reset, left = self._limiter.get_window_stats(limit, *who)
        seconds = max(1, int(reset - time.time()) + 1)
        if not is_within:
            raise Problem(Code.TOO_MANY, f"more than {limit}", retry_after=seconds)
        return Budget(limit.amount, left, seconds)

    def _ensure_not_locked(self, name: str, address: str) -> None:
        seconds = self._lockouts.seconds_left(name, address, time.time_ns())
        if seconds:
            raise Problem(Code.TOO_MANY, "too many wrong passwords", retry_after=seconds)

    def _fail(self, kind: str, name: str, address: str, why: str) -> Problem:
        now_ns = time.time_ns()
        self._lockouts.fail(name, address, now_ns)
        self._store.note(kind, name[:LONGEST_NAME], address, why, now_ns)
        return Problem(Code.UNAUTHENTICATED, _REFUSED)

    # Secrets

    async def log_in(self, name: str, password: str, address: str) -> User:
        """The user of a password. Raises Problem: UNAUTHENTICATED, TOO_MANY."""
        user = await self.prove(name, password, address)
        self._store.note("login", name, address, "password", time.time_ns())
        return user

    async def prove(self, name: str, password: str, address: str) -> User:
        """Who shows this password now; raises as `log_in`. A wrong one counts like at a login."""
        self.count(OF_LOGINS, "logins", address_key(address))
        self._ensure_not_locked(name, address)
        user = await self.hashing(self._users.checked, name, password)
        if user is None:
            raise self._fail("login_refused", name, address, "password")
        if user.is_demo and not is_loopback(address):
            raise self._fail("login_refused", name, address, "demo user from elsewhere")
        return user

    async def hashing(self, do: Callable[..., T], *arguments: str) -> T:
        """Do in a thread what hashes a password: few at once, for each takes a processor."""
        async with self._hashing:
            return await asyncio.to_thread(do, *arguments)

    def client(self, key: str, secret: str, address: str) -> Caller:
        """Who shows an API key with its secret (client_credentials). Raises as `log_in`."""
        self._ensure_not_locked(key, address)
        self.count(OF_LOGINS, "logins", address_key(address))
        found = self._users.key(key)
        given = secret.encode(errors="surrogateescape")
        if found is None or not hmac.compare_digest(found.secret.encode(), given):
            raise self._fail("login_refused", key, address, "API key")
        self._store.note("login", found.user.name, address, f"API key {key}", time.time_ns())
        return Caller(found.user, found.scopes, "", key)

    def bearer(self, token: str, address: str) -> Caller:
        """Who shows an access token. Raises Problem UNAUTHENTICATED."""
        try:
            access = self._tokens.checked(token, time.time_ns())
        except TokenRefused as error:
            if self._noted.take(address_key(address), time.monotonic()):
                self._store.note("token_refused", "", address, str(error), time.time_ns())
            raise Problem(Code.UNAUTHENTICATED, _REFUSED) from error
        return Caller(access.user, access.scopes, access.family, access.client, access.expires)

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
