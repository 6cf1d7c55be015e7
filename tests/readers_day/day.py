"""The day: members trade at random, processes are killed in random order, readers come back.

In the end each reader's book is the engine's, and each list of copies is the journal's.
"""

import asyncio
import os
import signal
import time
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.dropcopy.copies import told
from tests.fix_client import Disconnected, LogonRefused, Timeout
from tests.fixdc.running import journaled_copies
from tests.fixmd.running import Flow, equals_the_engine, venue_with_readers
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.data_directory import DataDirectory
from venue.dropcopy.drop_copy import DropCopy
from venue.servers.trading_unit import RESTARTS_MAX, RESTARTS_SECONDS

from .readers import LEVELS, BookReader, CopyReader

SERVERS = ("nats", "postgres")
_BACK_SECONDS = 90.0
_STARTS_SECONDS = 10.0
"""How long trading may take from its end to its next start."""
_REQUESTS = 20


class Told(NamedTuple):
    """What a day has come to. kills: of each process. breaks: connections that readers lost."""

    kills: Counter[str]
    breaks: int
    checksums: int
    copies: int


def play(directory: Path, kills: int, seed: int) -> Told:
    """Play a day with so many kills of each process. Raises AssertionError."""
    random = Random(seed)
    with venue_with_readers(directory) as venue:
        named = [*venue.runtime()["processes"], *SERVERS]
        order = [name for _ in range(kills) for name in random.sample(named, len(named))]
        book, copies = BookReader(venue), CopyReader(venue, random)
        flow = _begin(venue, seed)
        ends: deque[float] = deque(maxlen=RESTARTS_MAX)
        for count, name in enumerate(order, 1):
            flow.act(random.randint(1, _REQUESTS))
            if name == "trading":
                while not may_end(ends):
                    flow.act(_REQUESTS)
                    for reader in (book, copies):
                        reader.keep_up()
                ends.append(time.monotonic())
            before = _kill(venue, name)
            if random.random() < 0.3:
                copies.break_off()
            if name == "trading":
                for client in flow.clients:
                    client.close()
                _wait_until_back(venue, name, before)
                flow = _begin(venue, seed + count)
            flow.act(random.randint(1, _REQUESTS))
            for reader in (book, copies):
                reader.keep_up()
            _wait_until_back(venue, name, before)
        flow.act(_REQUESTS)
        wait_for(venue.has_caught_up, _BACK_SECONDS)
        book.keep_up()
        equals_the_engine(venue, book.reader, LEVELS)
        wanted = _copies(venue, "ALPHA")
        wait_for(lambda: _has(copies, wanted), _BACK_SECONDS)
        more = set(copies.exec_ids).difference(wanted)
        assert not more, f"the journal does not have {sorted(more)}"
        stored = asyncio.run(told(venue.runtime()["nats"], "ALPHA"))
        executions = [each.exec_id for each in stored if isinstance(each, DropCopy)]
        assert sorted(executions, key=int) == wanted
        flow.log_out()
        book.close()
        copies.close()
        return Told(Counter(order), book.breaks + copies.breaks, book.reader.checked, len(wanted))


def may_end(ends: deque[float]) -> bool:
    """Whether trading is started again once more: not too often within a time.

    ends: monotonic times at which it was killed last.
    """
    full = len(ends) == ends.maxlen
    return not full or time.monotonic() - ends[0] > RESTARTS_SECONDS + _STARTS_SECONDS


def _begin(venue: RunningVenue, seed: int) -> Flow:
    """The members log on, with their numbers reset, as soon as trading takes them."""
    found: list[Flow] = []

    def is_on() -> bool:
        with suppress(OSError, Disconnected, LogonRefused, Timeout):
            found.append(Flow(venue, seed))
        return bool(found)

    wait_for(is_on, _BACK_SECONDS)
    return found[0]


def _pid(venue: RunningVenue, name: str) -> int:
    """0: it does not run."""
    runtime = venue.runtime()
    return int({**runtime["processes"], **runtime["servers"]}.get(name, 0))


def _kill(venue: RunningVenue, name: str) -> int:
    wait_for(lambda: _pid(venue, name) != 0, _BACK_SECONDS)  # it may be on its way back
    pid = _pid(venue, name)
    assert pid > 0
    os.kill(pid, signal.SIGKILL)
    return pid


def _wait_until_back(venue: RunningVenue, name: str, before: int) -> None:
    wait_for(lambda: _pid(venue, name) not in (0, before), _BACK_SECONDS)


def _copies(venue: RunningVenue, member: str) -> list[str]:
    """ExecIDs of the member's copies in the journal, sorted: of one event there may be two."""
    copies = journaled_copies(DataDirectory(venue.data_dir).journal, member)
    return sorted((copy.exec_id for copy in copies), key=int)


def _has(copies: CopyReader, wanted: list[str]) -> bool:
    copies.keep_up()
    return set(copies.exec_ids).issuperset(wanted)


__all__ = ["Told", "play"]
