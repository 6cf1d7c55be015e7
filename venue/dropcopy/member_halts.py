"""Members whose drop copies halt: each parked by itself, with a file and an alert.

May know the parking. Whoever finds out that a member halts, or goes on, says so here.
"""

import asyncio
from pathlib import Path

from venue.bus.parking import Parking


class MemberHalts:
    """The parkings of all members of one consumer, made when one is needed."""

    def __init__(self, consumer: str, nats_url: str, data_dir: Path, stop: asyncio.Event) -> None:
        self._consumer = consumer
        self._nats_url = nats_url
        self._data_dir = data_dir
        self._stop = stop
        self._parkings: dict[str, Parking] = {}

    def halt(self, member: str, why: str) -> None:
        """The member's copies are left out from now on."""
        self._parking_of(member).park(0, why, self._stop)

    def lift(self, member: str) -> None:
        """The member's stream is what it should be, also where an earlier run has halted at it."""
        self._parking_of(member).passed(0)

    async def close(self) -> None:
        """Give alerts that are under way a last try. To be called after `stop`."""
        for parking in self._parkings.values():
            await parking.close()

    def _parking_of(self, member: str) -> Parking:
        parking = self._parkings.get(member)
        if parking is None:
            parking = Parking(self._consumer, self._nats_url, self._data_dir, member=member)
            self._parkings[member] = parking
        return parking
