"""Other venues on the same machine: copies of the directory, and strangers on one server.

A visit is a generator that waits by yielding, and ends with the neighbour gone. It raises Wrong if
the neighbour does not say what is the matter; that the first venue is undisturbed is checked there.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from tests.faults.supervised import SupervisedVenue, Wrong

Visit = Iterator[None]
_SECONDS = 300.0
"""How long a neighbour may take: its consumers are nice, which on a busy machine is to be slow."""
_ASKED_EVERY_SECONDS = 0.5
_IS_COPY = "is a copy of a journal"
_ORIGINAL_RUNS = "runs on this machine"


def copy(venue: SupervisedVenue, directory: Path) -> Visit:
    """A copy of the directory, made while the venue runs or not, is refused and says why."""
    _copy(venue, directory)
    yield from _is_refused(SupervisedVenue(directory), _IS_COPY)


def adopted_copy(venue: SupervisedVenue, directory: Path) -> Visit:
    """A copy that was told to go on where it is, though its original runs, is refused too."""
    _copy(venue, directory)
    command = [sys.executable, "-P", "-m", "venue", "journal", "adopt", "--yes"]
    subprocess.run([*command, "--data-dir", str(directory)], check=True, stdout=subprocess.DEVNULL)
    yield from _is_refused(SupervisedVenue(directory), _ORIGINAL_RUNS)


def _is_refused(neighbour: SupervisedVenue, why: str) -> Visit:
    try:
        neighbour.start()
        yield from _until(lambda: neighbour.status() is not None or neighbour.is_ready())
        if neighbour.status() is None:
            raise Wrong("the copy runs")
        status, said = neighbour.wait(), neighbour.last_line()
        if status == 0 or why not in said:
            raise Wrong(f"the copy ended with {status}: {said}")
    finally:
        neighbour.end()


def on_same_servers(venue: SupervisedVenue, directory: Path) -> Visit:
    """A new venue on both: it needs none of its own, and both halt."""
    environment = {"VENUE_NATS_URL": venue.nats_url, "VENUE_DATABASE_URL": venue.writer_url}
    yield from _runs(SupervisedVenue(directory, environment), troubled=("publisher", "clearing"))


def on_same_nats(venue: SupervisedVenue, directory: Path) -> Visit:
    """A new venue whose nats_url is the running one's: its publisher halts, for one."""
    neighbour = SupervisedVenue(directory, {"VENUE_NATS_URL": venue.nats_url})
    yield from _runs(neighbour, troubled=("publisher",))


def on_same_database(venue: SupervisedVenue, directory: Path) -> Visit:
    """A new venue whose database_url is the running one's: its clearing halts."""
    neighbour = SupervisedVenue(directory, {"VENUE_DATABASE_URL": venue.writer_url})
    yield from _runs(neighbour, troubled=("clearing",))


def _copy(venue: SupervisedVenue, directory: Path) -> None:
    subprocess.run(["cp", "-a", str(venue.data_dir), str(directory)], check=True)


def _runs(neighbour: SupervisedVenue, troubled: Collection[str]) -> Visit:
    """It gets ready, and says of each of these processes that it halts; all else is well."""
    try:
        neighbour.start()
        yield from _until(neighbour.is_ready)
        status: dict[str, Any] = {}

        def has_said_so() -> bool:
            status.update(_status(neighbour.data_dir))
            said = {each["process"]: each["halted"] for each in status["processes"]}
            return all(said[name] is not None for name in troubled)

        yield from _until(has_said_so, _ASKED_EVERY_SECONDS, lambda: str(status))
        if status["healthy"]:
            raise Wrong(f"it halts and calls itself healthy: {status}")
        neighbour.stop()
    finally:
        neighbour.end()


def _status(data_dir: Path) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "venue", "status", "--json", "--data-dir", str(data_dir)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(asked.stdout)
    return told


def _until(
    is_so: Callable[[], bool], pause: float = 0.0, state: Callable[[], str] = lambda: ""
) -> Visit:
    deadline = time.monotonic() + _SECONDS
    asked_at = 0.0
    while True:
        now = time.monotonic()
        if now >= asked_at + pause:
            asked_at = now
            if is_so():
                return
        if now > deadline:
            raise Wrong(f"the neighbour does not come so far: {state()}")
        yield
