"""Where a consumer that cannot go on says so: a file for the operator, an alert, an error logged.

May know the data directory and the alerts. The file stands until the consumer has got past it.
"""

import asyncio
import os
from pathlib import Path

import msgspec
import structlog

from venue.clock import Clock
from venue.dropcopy.alerts import Alert, send_alert

CONSUMER_HALTED = "consumer_halted"

_log = structlog.get_logger()


class Parked(msgspec.Struct, frozen=True):
    """What a consumer halts in front of: event_seq 0 is no event but its own store.

    payload is the event's text where there is one; timestamp_ns is when it was parked.
    """

    consumer: str
    event_seq: int
    error: str
    payload: str = ""
    timestamp_ns: int = 0


class Parking:
    """One consumer's halts. Without a data directory there is no file, the rest is the same."""

    def __init__(self, consumer: str, nats_url: str, data_dir: Path | None = None) -> None:
        self._consumer = consumer
        self._nats_url = nats_url
        self._path = _directory(data_dir) / f"{consumer}.json" if data_dir is not None else None
        self._parked = _read(self._path) if self._path is not None else None

    async def halt(
        self, event_seq: int, error: str, stop: asyncio.Event, payload: bytes = b""
    ) -> None:
        """Park, alert until the alert is stored, and wait for `stop`."""
        await self.park(event_seq, error, stop, payload)
        await stop.wait()

    async def park(
        self, event_seq: int, error: str, stop: asyncio.Event, payload: bytes = b""
    ) -> None:
        """State in file, log and alert what the consumer halts in front of."""
        _log.error("consumer_halted", consumer=self._consumer, event_seq=event_seq, error=error)
        text = payload.decode(errors="backslashreplace")
        parked = Parked(self._consumer, event_seq, error, text, Clock().now_ns())
        self._parked = parked
        if self._path is not None:
            try:
                _write(self._path, parked)
            except OSError as failure:  # a full disk must not keep the alert from leaving
                _log.error("not_parked", consumer=self._consumer, error=str(failure))
        alert = Alert(
            type=CONSUMER_HALTED,
            timestamp_ns=parked.timestamp_ns,
            consumer=self._consumer,
            event_seq=event_seq,
            error=error,
        )
        await send_alert(self._nats_url, alert, stop)

    def passed(self, position: int) -> None:
        """The consumer has done everything up to event `position`: forget what lies behind it."""
        if self._parked is None or position < self._parked.event_seq:
            return
        _log.info("parked_event_passed", consumer=self._consumer, event_seq=self._parked.event_seq)
        self._parked = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def read_parked(data_dir: Path) -> list[Parked]:
    """What the consumers of this data directory halt in front of, by name of the consumer."""
    found = [_read(path) for path in sorted(_directory(data_dir).glob("*.json"))]
    return [parked for parked in found if parked is not None]


def _directory(data_dir: Path) -> Path:
    return data_dir / "parked"


def _read(path: Path) -> Parked | None:
    """None where nothing is parked; a file that cannot be read is parked all the same."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Parked)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        return Parked(path.stem, 0, f"{path} cannot be read: {error}")


def _write(path: Path, parked: Parked) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(parked))
    draft.replace(path)
