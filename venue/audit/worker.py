"""The audit process: every event from NATS into the trail, and signed heads at intervals.

May know the consumer and the trail. Its position is the last event_seq in the trail itself.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from venue.audit.trail import AuditedEvent, Trail
from venue.dropcopy.connection import stop_on_signals, wait_for_stop
from venue.dropcopy.consumer import Delivered, EventConsumer
from venue.dropcopy.position_file import Position, position_file, write_position

if TYPE_CHECKING:
    from venue.settings import Settings

CONSUMER = "audit"
HEAD_SECONDS = 5.0

_log = structlog.get_logger()


def trail_directory(data_dir: Path) -> Path:
    """Where the trail of this data directory stands."""
    return data_dir / "audit"


def heads_directory(data_dir: Path) -> Path:
    """The second place of the signed heads, with their key; better on another disk or machine."""
    return data_dir / "audit-heads"


class Auditor:
    """Feeds one trail from one stream of events."""

    def __init__(self, data_dir: Path, *, head_seconds: float = HEAD_SECONDS) -> None:
        """Open the trail; raises TrailDamaged, HeadsDamaged or TrailInUse."""
        self._data_dir = data_dir
        self._head_seconds = head_seconds
        self._position_file = position_file(data_dir, CONSUMER)
        self._trail: Trail | None = self._open()

    async def run(self, nats_url: str, stop: asyncio.Event) -> None:
        """Append events until `stop` is set; signs a last head and closes the trail."""
        trail = self._trail
        assert trail is not None
        journal_dir = self._data_dir / "journal"
        consumer = EventConsumer(
            name=CONSUMER,
            nats_url=nats_url,
            journal_dir=journal_dir if journal_dir.is_dir() else None,
            position=trail.event_seq,
            apply=self._append,
        )
        _log.info("auditing", after_event=trail.event_seq, entries=trail.count)
        signer = asyncio.create_task(self._sign_at_intervals(stop))
        try:
            await consumer.run(stop)
        finally:
            signer.cancel()
            if self._trail is not None:
                self._trail.sign()
                self._trail.close()

    def _open(self) -> Trail:
        return Trail(trail_directory(self._data_dir), heads_directory(self._data_dir))

    async def _append(self, events: Sequence[Delivered]) -> None:
        # After a failed write nobody knows what is on disk: only opening the trail anew says, and
        # it may then have some of these events already.
        if self._trail is None:
            self._trail = self._open()
        there = self._trail.event_seq
        try:
            self._trail.append(
                [
                    AuditedEvent(one.event_seq, one.event.timestamp_ns, one.payload)
                    for one in events
                    if one.event_seq > there
                ]
            )
        except OSError:
            self._forsake()
            raise
        write_position(self._position_file, Position(self._trail.event_seq))

    async def _sign_at_intervals(self, stop: asyncio.Event) -> None:
        while not await wait_for_stop(stop, self._head_seconds):
            if self._trail is None:
                continue
            try:
                self._trail.sign()
            except OSError as error:
                _log.error("head_not_signed", error=str(error))
                self._forsake()

    def _forsake(self) -> None:
        assert self._trail is not None
        self._trail.close()
        self._trail = None


async def run(settings: "Settings", nats_url: str) -> None:
    """Audit the venue of settings.data_dir until SIGTERM or SIGINT.

    Raises TrailDamaged or HeadsDamaged: somebody has to look before anything is appended.
    """
    await Auditor(Path(settings.data_dir)).run(nats_url, stop_on_signals())
