"""The admin socket, asked in an operator's name: in threads of its own, with deadlines.

Knows requests and answers, not what they are about. Behind a circuit breaker: where trading is
away, who asks is told so at once. A command that is not answered is of unknown fate.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pybreaker import CircuitBreaker, CircuitBreakerError

from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import A, Query, Request
from venue.gateway.order import code_of
from venue.gateway.problems import Code, Problem
from venue.operators.entrance import DENIED

AT_ONCE = 4
"""Requests at a time: for trading each costs a turn of its loop."""
WAIT_SECONDS = 5.0
"""For a free place; then nothing was asked."""
ANSWER_SECONDS = 5.0
"""For each step of the socket."""
DEADLINE_SECONDS = 12.0
FAILURES_MAX, OPEN_SECONDS = 3, 5
_UNKNOWN = (
    "trading has not answered: whether it was done is not known, and it may still be; "
    "look whether it is before you ask again"
)


class AdminLine:
    """The admin socket of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._places = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, "admin-line")
        self._breaker = CircuitBreaker(
            fail_max=FAILURES_MAX, reset_timeout=OPEN_SECONDS, throw_new_error_on_trip=False
        )

    @property
    def state(self) -> str:
        """Of the breaker: closed, open or half-open."""
        return str(self._breaker.current_state)

    def close(self) -> None:
        """Take no more requests; those that are being asked end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self, operator: str, request: Request[A]) -> A:
        """Trading's answer to what an operator asks.

        Raises Problem: AWAY (nothing was asked), FATE_UNKNOWN (of what changes something),
        FORBIDDEN, NOT_FOUND (of a question), REFUSED.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise _away("too many ask at once") from error
        answering = asyncio.get_running_loop().run_in_executor(
            self._threads, self._ask, operator, request
        )
        answering.add_done_callback(self._free)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await asyncio.shield(answering)
        except CircuitBreakerError as error:
            raise _away("trading does not answer, and is not asked for some seconds") from error
        except TimeoutError as error:
            raise _unanswered(request, "trading has not answered in time") from error
        except VenueUnreachable as error:
            if isinstance(error.__cause__, TimeoutError):
                raise _unanswered(request, str(error)) from error
            raise _away(str(error)) from error
        if isinstance(answer, Refusal):
            raise _refusal(request, answer.error)
        return answer

    def _free(self, done: "asyncio.Future[Any]") -> None:
        """Free the place; what a late one has raised is nobody's any more."""
        self._places.release()
        if not done.cancelled():
            done.exception()

    def _ask(self, operator: str, request: Request[A]) -> A | Refusal:
        with self._breaker.calling():  # `call` would hold the breaker's lock all the while
            return ask(self._data_dir, request, ANSWER_SECONDS, operator)


def _away(why: str) -> Problem:
    return Problem(Code.AWAY, why, retry_after=OPEN_SECONDS)


def _unanswered(request: Request[A], why: str) -> Problem:
    if isinstance(request, Query):
        return _away(why)
    return Problem(Code.FATE_UNKNOWN, _UNKNOWN)


def _refusal(request: Request[A], text: str) -> Problem:
    """What a refusal is over HTTP. A question is only refused for a name that there is not."""
    code, said = code_of(text)
    if DENIED in text:
        return Problem(Code.FORBIDDEN, said)
    kind = Code.NOT_FOUND if isinstance(request, Query) else Code.REFUSED
    return Problem(kind, said, venue_code=code)
