"""What trading says of itself: limits and reservations of a member, phase and timetable.

Asks over the admin socket, and only what is listed here: nothing is changed by it. In threads,
behind a guard: where trading does not answer, who asks is told so at once.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from venue.admin.answers import Refusal, StatusAnswer
from venue.admin.client import VenueUnreachable, ask
from venue.admin.request import A, Request
from venue.admin.requests import RiskQuery, StatusQuery
from venue.domain.overview import ScopeRow
from venue.domain.timetable import Timetable
from venue.gateway.guard import Guard, GuardTold, is_any_of
from venue.gateway.problems import Code, Problem

AT_ONCE = 2
DEADLINE_SECONDS = 2.0
KEPT_SECONDS = 1.0
"""How old the phase may be that is told: the public must not keep trading busy."""


class MemberRisk(msgspec.Struct, frozen=True):
    """A member's limits, what is used of them, its funds; of its accounts too. event_seq: behind
    which event."""

    event_seq: int
    scopes: tuple[ScopeRow, ...]


class SessionTold(msgspec.Struct, frozen=True):
    """The venue's trading day. phase: of the venue; a symbol's own is in its ticker. timetable:
    null: days start and end by hand."""

    phase: str
    trading_day: str
    timetable: Timetable | None


class TradingFacts:
    """Asks the trading process of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._threads = ThreadPoolExecutor(AT_ONCE, "trading")
        self._guard = Guard(
            "trading", AT_ONCE, is_any_of(VenueUnreachable, TimeoutError), waits_seconds=1.0
        )
        self._session: tuple[float, SessionTold] | None = None
        self._asking = asyncio.Lock()

    def guard(self) -> GuardTold:
        """How the way to it is."""
        return self._guard.told()

    async def risk(self, member: str) -> MemberRisk:
        """Limits and funds of a member. Raises Problem: AWAY, NOT_FOUND."""
        found = await self._ask(RiskQuery(member))
        return MemberRisk(found.event_seq, tuple(found.risk))

    async def session(self) -> SessionTold:
        """The trading day and its phase, at most KEPT_SECONDS old. Raises Problem AWAY."""
        async with self._asking:
            now = time.monotonic()
            if self._session is None or now - self._session[0] > KEPT_SECONDS:
                found: StatusAnswer = await self._ask(StatusQuery())
                told = SessionTold(found.phase, found.trading_day, found.timetable)
                self._session = (now, told)
            return self._session[1]

    async def _ask(self, request: Request[A]) -> A:
        try:
            async with self._guard.passing():
                found = await asyncio.get_running_loop().run_in_executor(
                    self._threads, ask, self._data_dir, request, DEADLINE_SECONDS
                )
        except (VenueUnreachable, TimeoutError) as error:
            raise Problem(Code.AWAY, "trading does not answer now", retry_after=1) from error
        if isinstance(found, Refusal):
            raise Problem(Code.NOT_FOUND, found.error)
        return found
