"""The admin socket, asked in an operator's name: in threads of its own, with deadlines.

Knows requests and answers, not what they are about. Behind a guard: where trading is away, who asks
is told so at once. A command that is not answered is of unknown fate.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import A, Query, Request
from venue.gateway.guard import OPEN_SECONDS, Guard, GuardTold, is_any_of
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
_UNKNOWN = (
    "trading has not answered: whether it was done is not known, and it may still be; "
    "look whether it is before you ask again"
)


class AdminLine:
    """The admin socket of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._threads = ThreadPoolExecutor(AT_ONCE, "admin-line")
        self._guard = Guard(
            "trading",
            AT_ONCE,
            is_any_of(VenueUnreachable, TimeoutError),
            waits_seconds=WAIT_SECONDS,
        )

    def guard(self) -> GuardTold:
        """How the way to trading is."""
        return self._guard.told()

    def close(self) -> None:
        """Take no more requests; those that are being asked end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self, operator: str, request: Request[A]) -> A:
        """Trading's answer to what an operator asks.

        Raises Problem: AWAY (nothing was asked), FATE_UNKNOWN (of what changes something),
        FORBIDDEN, NOT_FOUND (of a question), REFUSED.
        """
        try:
            async with self._guard.passing(), asyncio.timeout(DEADLINE_SECONDS):
                answer = await asyncio.get_running_loop().run_in_executor(
                    self._threads, ask, self._data_dir, request, ANSWER_SECONDS, operator
                )
        except TimeoutError as error:
            raise _unanswered(request, "trading has not answered in time") from error
        except VenueUnreachable as error:
            if isinstance(error.__cause__, TimeoutError):
                raise _unanswered(request, str(error)) from error
            raise Problem(Code.AWAY, str(error), retry_after=OPEN_SECONDS) from error
        if isinstance(answer, Refusal):
            raise _refusal(request, answer.error)
        return answer


def _unanswered(request: Request[A], why: str) -> Problem:
    if isinstance(request, Query):
        return Problem(Code.AWAY, why, retry_after=OPEN_SECONDS)
    return Problem(Code.FATE_UNKNOWN, _UNKNOWN)


def _refusal(request: Request[A], text: str) -> Problem:
    """What a refusal is over HTTP. A question is only refused for a name that there is not."""
    code, said = code_of(text)
    if DENIED in text:
        return Problem(Code.FORBIDDEN, said)
    kind = Code.NOT_FOUND if isinstance(request, Query) else Code.REFUSED
    return Problem(kind, said, venue_code=code)
