"""Other venues on the same machine: a copy of the directory, and strangers on one server.

Each is a generator of what is wrong with it, None while it waits. It ends with the neighbour gone.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.supervised import READY_SECONDS, SupervisedVenue


def copy(venue: SupervisedVenue, directory: Path) -> Iterator[str | None]:
    """Copy a running venue's directory and start the copy beside it."""
    subprocess.run(["cp", "-a", str(venue.data_dir), str(directory)], check=True)
    neighbour = SupervisedVenue(directory)
    yield from _lives(neighbour)


def on_same_nats(venue: SupervisedVenue, directory: Path) -> Iterator[str | None]:
    """A new venue whose nats_url is the running one's."""
    yield from _lives(SupervisedVenue(directory, {"VENUE_NATS_URL": venue.nats_url}))


def on_same_database(venue: SupervisedVenue, directory: Path) -> Iterator[str | None]:
    """A new venue whose database_url is the running one's."""
    yield from _lives(SupervisedVenue(directory, {"VENUE_DATABASE_URL": venue.database_url}))


def _lives(neighbour: SupervisedVenue) -> Iterator[str | None]:
    try:
        neighbour.start()
        deadline = time.monotonic() + READY_SECONDS
        while neighbour.status() is None and not neighbour.is_ready():
            if time.monotonic() > deadline:
                yield "it neither starts nor ends"
            yield None
        if neighbour.status() is None:
            neighbour.stop()
    finally:
        neighbour.end()
