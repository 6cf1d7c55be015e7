"""Where a consumer that cannot go on says so: a file for the operator, an alert, an error logged.

May know the data directory and the alerts. The file stands until the consumer has got past it.
"""

import asyncio
import time
from pathlib import Path

import msgspec
import structlog

from venue.bus.alerts import Alert, send_alert
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.journal.files import replace

CONSUMER_HALTED = "consumer_halted"
QUIET_SECONDS = 600.0
"""How long no second alert tells of the same trouble, however often it comes and goes."""
_ERROR_CHARACTERS_MAX = 2_000

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
        self._path = None if data_dir is None else DataDirectory(data_dir).parked(consumer)
        self._parked = _read(self._path) if self._path is not None else None
        self._quiet_until: dict[tuple[int, str], float] = {}
        self._alerting: set[asyncio.Task[None]] = set()

    async def halt(
        self, event_seq: int, error: str, stop: asyncio.Event, payload: bytes = b""
    ) -> None:
        """Park and wait for `stop`."""
        self.park(event_seq, error, stop, payload)
        await stop.wait()
        await self.close()

    def park(self, event_seq: int, error: str, stop: asyncio.Event, payload: bytes = b"") -> None:
        """State in file, log and alert what the consumer halts in front of; returns at once.

        The alert is tried until it is stored or `stop` is set. What is parked already, or was a
        short while ago, is not said again, also by a process that was started anew: `error` must
        not hold what changes.
        """
        error = error[:_ERROR_CHARACTERS_MAX]
        known = self._parked
        if known is not None and (known.event_seq, known.error) == (event_seq, error):
            return
        _log.error("consumer_halted", consumer=self._consumer, event_seq=event_seq, error=error)
        text = payload.decode(errors="backslashreplace")
        parked = Parked(self._consumer, event_seq, error, text, Clock().now_ns())
        self._parked = parked
        if self._path is not None:
            try:
                replace(self._path, msgspec.json.encode(parked))
            except OSError as failure:  # a full disk must not keep the alert from leaving
                _log.error("not_parked", consumer=self._consumer, error=str(failure))
        now = time.monotonic()
        self._quiet_until = {key: end for key, end in self._quiet_until.items() if now < end}
        if (event_seq, error) in self._quiet_until:
            return
        self._quiet_until[event_seq, error] = now + QUIET_SECONDS
        alert = Alert(
            type=CONSUMER_HALTED,
            timestamp_ns=parked.timestamp_ns,
            consumer=self._consumer,
            event_seq=event_seq,
            error=error,
        )
        sending = asyncio.create_task(send_alert(self._nats_url, alert, stop))
        self._alerting.add(sending)
        sending.add_done_callback(self._alerting.discard)

    async def close(self) -> None:
        """After `stop`: alerts that are under way get their last try."""
        await asyncio.gather(*self._alerting)

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
    found = [_read(path) for path in DataDirectory(data_dir).all_parked()]
    return [parked for parked in found if parked is not None]


def _read(path: Path) -> Parked | None:
    """None where nothing is parked; a file that cannot be read is parked all the same."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Parked)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        return Parked(path.stem, 0, f"{path} cannot be read: {error}")
