"""What stands behind the gateway, guarded by a circuit breaker and a bulkhead; how both are.

Knows pybreaker. After some failures in a row nobody waits for what does not answer; no more than so
many wait for it at once. For one event loop. The breaker's own `call` holds a lock while it calls,
which would let one in at a time: `calling` does not.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
from pybreaker import CircuitBreaker, CircuitBreakerError

from venue.gateway.problems import Code, Problem

FAILURES_MAX = 3
OPEN_SECONDS = 5


class GuardTold(msgspec.Struct, frozen=True):
    """State of a guard. breaker: closed, open (nobody is let through) or half-open (one is tried).
    in_use of at_most are let through now."""

    breaker: str
    in_use: int
    at_most: int


class Guard:
    """what: in words, of which refusals speak. is_failure: whether an error is one of what stands
    behind, and no answer of it."""

    def __init__(
        self,
        what: str,
        at_most: int,
        is_failure: Callable[[BaseException], bool],
        *,
        open_seconds: int = OPEN_SECONDS,
        waits_seconds: float = 0.0,
    ) -> None:
        """waits_seconds: how long one waits for its turn where all are in use."""
        self._what = what
        self._breaker = CircuitBreaker(
            fail_max=FAILURES_MAX,
            reset_timeout=open_seconds,
            exclude=[lambda error: not is_failure(error)],
        )
        self._turns = asyncio.Semaphore(at_most)
        self._at_most = at_most
        self._waits_seconds = waits_seconds
        self._open_seconds = open_seconds
        self._in_use = 0

    @property
    def state(self) -> str:
        """Of the breaker: closed, open or half-open."""
        return str(self._breaker.current_state)

    def told(self) -> GuardTold:
        """How it is."""
        return GuardTold(self.state, self._in_use, self._at_most)

    def close(self) -> None:
        """What stands behind is known to be back: let all through."""
        if self.state != "closed":
            self._breaker.close()

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Be let through. Raises Problem AWAY at once, or after waits_seconds for a turn."""
        await self._take_turn()
        try:
            with self._calling():
                yield
        except CircuitBreakerError as error:
            raise self._away("does not answer", self._open_seconds) from error
        finally:
            self._in_use -= 1
            self._turns.release()

    async def _take_turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()  # which does not wait
        else:
            try:
                async with asyncio.timeout(self._waits_seconds):
                    await self._turns.acquire()
            except TimeoutError as error:
                raise self._away("has as much to do as it may have", 1) from error
        self._in_use += 1

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """The breaker around what is done; of the failure that opens it the failure itself."""
        failed: list[BaseException] = []
        try:
            with self._breaker.calling():
                try:
                    yield
                except BaseException as error:
                    failed.append(error)
                    raise
        except CircuitBreakerError:
            if failed:
                raise failed[0] from None
            raise

    def _away(self, why: str, seconds: int) -> Problem:
        return Problem(Code.AWAY, f"{self._what} {why}: nothing was done", retry_after=seconds)


def is_any_of(*kinds: type[BaseException]) -> Callable[[Any], bool]:
    """Whether an error is of one of these kinds."""
    return lambda error: isinstance(error, kinds)
