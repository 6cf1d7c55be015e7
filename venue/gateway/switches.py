"""Dead man's switches: all orders of a member are cancelled unless he says in time that he lives.

Knows the sessions and the clock of the event loop. A switch fires once; the gateway's own death
fires none, for it then knows of no member: cancel on disconnect is the session's.
"""

import asyncio

import structlog

from venue.gateway.problems import Problem
from venue.gateway.sessions import Sessions

LONGEST_SECONDS = 24 * 3600
_RETRY_SECONDS = 1.0
_log = structlog.get_logger()


class Switches:
    """One for each member."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._running: dict[str, asyncio.Task[None]] = {}

    def set(self, member: str, seconds: int) -> None:
        """Cancel all in so many seconds, unless it is set again before; 0: never."""
        running = self._running.pop(member, None)
        if running is not None:
            running.cancel()
        if seconds:
            self._running[member] = asyncio.create_task(self._fire(member, seconds))

    async def _fire(self, member: str, seconds: int) -> None:
        await asyncio.sleep(seconds)
        while True:
            try:
                count = await self._sessions.of(member).cancel_all()
            except Problem as problem:
                _log.error("dead_man_s_switch_fails", member=member, why=problem.message)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                _log.warning("dead_man_s_switch", member=member, canceled=count)
                self._running.pop(member, None)
                return

    def close(self) -> None:
        """Stop all."""
        for running in self._running.values():
            running.cancel()
