"""How far behind trading the others are: positions over time, and delay to a subscriber."""

import asyncio
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec
import nats
from nats.aio.msg import Msg
from sqlalchemy.exc import SQLAlchemyError

from bench.machine import rss_bytes
from venue.bus.position_file import read_position_file
from venue.clearing.database import ledger_engine
from venue.clearing.statements import booked_position
from venue.data_directory import DataDirectory
from venue.journal.durable import read_position
from venue.load.quantiles import Quantiles
from venue.servers.runtime import RuntimeInfo

FOLLOWERS = ("publisher", "clearing", "audit", "marketdata", "dropcopy", "notifier", "replica")
_SAMPLE_SECONDS = 0.5


class _Stamped(msgspec.Struct):
    timestamp_ns: int


class SubscriberDelay:
    """Subscribes to one kind of event on NATS: from its timestamp until it is here.

    The timestamp is taken before the batch is applied, so the disk and NATS itself are in it.
    """

    def __init__(self, nats_url: str, subject: str) -> None:
        self.delays = Quantiles()
        self.from_ns = 0
        self._url = nats_url
        self._subject = subject
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("no subscription to NATS")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    async def _listen(self) -> None:
        client = await nats.connect(self._url.split(","))
        decoder = msgspec.json.Decoder(_Stamped)

        async def take(message: Msg) -> None:
            now_ns = time.time_ns()
            stamp_ns = decoder.decode(message.data).timestamp_ns
            if stamp_ns >= self.from_ns:
                self.delays.record(max(now_ns - stamp_ns, 0))

        await client.subscribe(self._subject, cb=take)
        await client.flush()
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.05)
        await client.close()


class Sample(NamedTuple):
    """One moment: events on disk, events that each follower has done, memory of trading."""

    at: float
    event_seq: int
    done: dict[str, int]
    trading_rss: int

    def lag(self, follower: str) -> int:
        """Events behind trading."""
        return max(self.event_seq - self.done[follower], 0)


class Positions:
    """Looks at all positions twice a second while the context lasts."""

    def __init__(self, data_dir: Path, runtime: RuntimeInfo) -> None:
        self.samples: list[Sample] = []
        self._data_dir = data_dir
        self._pid = runtime.processes["trading"]
        self._ledger = ledger_engine(runtime.database)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._ledger.dispose()

    def look(self) -> Sample:
        """Where everybody is now; the followers are asked first, so none can be ahead."""
        done = {}
        for follower in FOLLOWERS:
            if follower == "clearing":
                done[follower] = booked_position(self._ledger).event_seq
                continue
            position = read_position_file(DataDirectory(self._data_dir).position(follower))
            done[follower] = 0 if position is None else position.event_seq
        event_seq = read_position(self._data_dir / "journal")[0]
        return Sample(time.monotonic(), event_seq, done, rss_bytes(self._pid))

    def seconds_to_catch_up(self, longest: float) -> dict[str, float]:
        """Once nothing new comes: how long until each follower has done all; `longest` if not."""
        begin = time.monotonic()
        missing = set(FOLLOWERS)
        taken = dict.fromkeys(FOLLOWERS, longest)
        while missing and time.monotonic() - begin < longest:
            try:
                sample = self.look()
            except SQLAlchemyError:  # clearing has not made its tables yet
                time.sleep(_SAMPLE_SECONDS)
                continue
            for follower in [name for name in missing if sample.lag(name) == 0]:
                missing.remove(follower)
                taken[follower] = time.monotonic() - begin
            time.sleep(0.02)
        return taken

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            try:
                self.samples.append(self.look())
            except SQLAlchemyError:
                continue  # the samples beside this one tell as much
