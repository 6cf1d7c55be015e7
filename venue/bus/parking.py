"""Parks a consumer that cannot go on: a file for the operator, an alert, and an error in the log.

May know the data directory and the alerts. The file stands until the consumer has passed its event.
"""

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

import msgspec
import structlog

from venue.bus.subjects import member_token
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.journal.files import replace

CONSUMER_HALTED = "consumer_halted"
QUIET_SECONDS = 600.0
"""No second alert reports the same trouble for this long, however often it comes and goes."""
_ERROR_CHARACTERS_MAX = 2_000

_log = structlog.get_logger()


class Parked(msgspec.Struct, frozen=True):
    """What a consumer stops in front of. event_seq 0: no event, but the consumer's own store.

    payload: the event's text, where there is an event. timestamp_ns: when it was parked. member:
    whose part of the consumer stops, where the others' goes on; empty: all of it. ahead: event_seq
    of an event of this journal that it has given away and does not have any more, or 0.
    """

    consumer: str
    event_seq: int
    error: str
    payload: str = ""
    timestamp_ns: int = 0
    member: str = ""
    ahead: int = 0


class Parking:
    """Parks one consumer, or a member's part of it, or one of several such parts, by its name.

    Without a data directory there is no file; the rest is the same.
    """

    def __init__(
        self,
        consumer: str,
        nats_url: str,
        data_dir: Path | None = None,
        *,
        member: str = "",
        part: str = "",
    ) -> None:
        self._consumer = consumer
        self._member = member
        whose = [member and f"member {member}", part]
        self._of = f"{', '.join(filter(None, whose))}: " if any(whose) else ""
        self._nats_url = nats_url
        name = _name(consumer, member, part)
        self._path = None if data_dir is None else DataDirectory(data_dir).parked(name)
        self._parked = _read(self._path) if self._path is not None else None
        self._quiet_until: dict[tuple[int, str], float] = {}
        self._alerting: set[asyncio.Task[None]] = set()

    async def halt(
        self,
        event_seq: int,
        error: str,
        stop: asyncio.Event,
        payload: bytes = b"",
        *,
        ahead: int = 0,
    ) -> None:
        """Park and wait for `stop`."""
        self.park(event_seq, error, stop, payload, ahead=ahead)
        await stop.wait()
        await self.close()

    def park(
        self,
        event_seq: int,
        error: str,
        stop: asyncio.Event,
        payload: bytes = b"",
        *,
        ahead: int = 0,
    ) -> None:
        """Write to file, log and alert what the consumer stops in front of; returns at once.

        The alert is sent again until it is stored or `stop` is set. The same trouble is not
        reported again within QUIET_SECONDS, not even by a new process: so `error` must not have
        parts that change.
        """
        error = (self._of + error)[:_ERROR_CHARACTERS_MAX]
        known = self._parked
        if known is not None and (known.event_seq, known.error) == (event_seq, error):
            return
        _log.error("consumer_halted", consumer=self._consumer, event_seq=event_seq, error=error)
        text = payload.decode(errors="backslashreplace")
        now_ns = Clock().now_ns()
        parked = Parked(self._consumer, event_seq, error, text, now_ns, self._member, ahead)
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
        from venue.bus.alerts import (
            Alert,
            send_alert,
        )  # here, for who reads the files needs no NATS

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

    async def ended(self, why: str) -> None:
        """Park what has ended by itself. Its alert is tried once: NATS may be away."""
        stop = asyncio.Event()
        self.park(0, why, stop)
        stop.set()
        await self.close()

    async def close(self) -> None:
        """Give alerts that are under way a last try. To be called after `stop`."""
        await asyncio.gather(*self._alerting)

    def passed(self, position: int) -> None:
        """Remove the file if the consumer, which has done event `position`, is past its event."""
        if self._parked is None or position < self._parked.event_seq:
            return
        _log.info("parked_event_passed", consumer=self._consumer, event_seq=self._parked.event_seq)
        self._parked = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def parked_part(data_dir: Path, consumer: str, member: str, part: str) -> Parked | None:
    """What this part of a member is parked in front of."""
    return _read(DataDirectory(data_dir).parked(_name(consumer, member, part)))


def forget_other_parts(data_dir: Path, consumer: str, parts: Collection[tuple[str, str]]) -> None:
    """Remove what says that parts of members halt, but for these parts, by member and name."""
    place = DataDirectory(data_dir)
    there = {place.parked(_name(consumer, *part)) for part in parts}
    for path in place.all_parked():
        if path.stem.startswith(f"{consumer}-") and path not in there:
            path.unlink(missing_ok=True)


def _name(consumer: str, member: str, part: str = "") -> str:
    whose = ".".join(filter(None, (member and member_token(member), part)))
    return f"{consumer}-{whose}" if whose else consumer


def read_parked(data_dir: Path) -> list[Parked]:
    """What the consumers of this data directory are parked in front of, by the consumers' names."""
    found = [_read(path) for path in DataDirectory(data_dir).all_parked()]
    return [parked for parked in found if parked is not None]


def _read(path: Path) -> Parked | None:
    """The parked event in a file; None where there is none. An unreadable file counts as one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Parked)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        return Parked(path.stem, 0, f"{path} cannot be read: {error}")
