"""Who calls Kraken's private methods: an API key, its signature and a nonce that grows.

Knows keys, limits and nonces; of the request only what it is told.
"""

from collections.abc import Mapping
from typing import Any

from venue.gateway.callers import OF_A_CALLER, OF_AN_ADDRESS, OF_ORDERS, Caller, Callers
from venue.gateway.kraken import signatures
from venue.gateway.kraken.errors import (
    INVALID_KEY,
    INVALID_NONCE,
    INVALID_SESSION,
    LOCKED_OUT,
    Refused,
)
from venue.gateway.kraken.nonces import Nonces
from venue.gateway.problems import Code, Problem
from venue.gateway.users import Users


class Entrance:
    """Checks who calls, and how often. All raise Refused, or Problem for what is over a limit."""

    def __init__(self, callers: Callers, users: Users, nonces: Nonces) -> None:
        self._callers = callers
        self._users = users
        self._nonces = nonces

    def count(self, address: str) -> None:
        """Count a request of an address."""
        self._callers.count(OF_AN_ADDRESS, "address", address)

    def count_order(self, caller: Caller) -> None:
        """Count a request that concerns orders."""
        self._callers.count(OF_ORDERS, "orders", caller.member)

    async def signed(
        self, key: str, signature: str, path: str, params: Mapping[str, Any], body: bytes,
        address: str,
    ) -> Caller:  # fmt: skip
        """Who has signed a request."""
        if not key or not signature:
            raise Refused(INVALID_KEY)
        nonce = str(params.get("nonce", ""))
        try:
            caller = self._callers.proven(
                key,
                address,
                lambda found: signatures.doubt(found, signature, path, nonce, body),
            )
        except Problem as problem:
            if problem.code is Code.TOO_MANY:
                raise Refused(LOCKED_OUT) from problem
            raise
        number = signatures.nonce_of(nonce)
        if number is None or not await self._nonces.take(key, number):
            raise Refused(INVALID_NONCE)
        self._callers.count(OF_A_CALLER, "user", caller.user.name)
        return caller

    def by_token(self, token: object, now_ns: int) -> Caller:
        """Who shows a token of the WebSocket, or his key where he has shown one before."""
        key = signatures.key_of_token(token, now_ns) if isinstance(token, str) else None
        found = None if key is None else self._users.key(key)
        if found is None or not signatures.is_token_of(found, str(token)):
            raise Refused(INVALID_SESSION)
        self._callers.count(OF_A_CALLER, "user", found.user.name)
        return Caller(found.user, found.scopes, "", found.key)

    def token(self, caller: Caller, now_ns: int) -> str:
        """A token of the WebSocket for the key of this caller."""
        found = self._users.key(caller.key)
        if found is None:
            raise Refused(INVALID_KEY)
        return signatures.websocket_token(found, now_ns)

    def is_good(self, caller: Caller) -> bool:
        """Whether the caller's key is still good for what it was."""
        found = self._users.key(caller.key)
        return found is not None and found.scopes >= caller.scopes
