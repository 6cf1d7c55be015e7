"""Fixtures of pytest: `running_venue`, one for each test, and `shared_venue`, one for all of them.

    pytest_plugins = ["venue.testing.plugin"]

stands in a test's module or in the first conftest.py. Imported by pytest alone.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from venue.testing.running import Part, RunningVenue, running_venue


class VenueOptions(NamedTuple):
    """What the fixtures start; see `venue.testing.running_venue`."""

    parts: Collection[Part | str] = (Part.TRADING,)
    config: Path | None = None
    settings: Sequence[str] = ()


@pytest.fixture(scope="session")
def venue_options() -> VenueOptions:
    """What is started: trading alone. A fixture of this name of your own says otherwise."""
    return VenueOptions()


@pytest.fixture(name="running_venue")
def _running_venue(venue_options: VenueOptions) -> Iterator[RunningVenue]:
    """A venue that nobody has traded on yet."""
    with running_venue(**venue_options._asdict()) as venue:
        yield venue


@pytest.fixture(scope="session")
def shared_venue(venue_options: VenueOptions) -> Iterator[RunningVenue]:
    """A venue that all tests of the run share: for a form that takes longer to start."""
    with running_venue(**venue_options._asdict()) as venue:
        yield venue
