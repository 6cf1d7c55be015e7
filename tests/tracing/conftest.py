"""A running venue with a gateway and tracing on, which gives its spans to a receiver here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import data_dir, trading
from tests.gateway.conftest import client_of, gateway_venue
from tests.gateway.users import headers_of
from tests.running_venue import RunningVenue
from tests.tracing.receiver import Receiver
from venue.data_directory import DataDirectory
from venue.journal.identity import journal_identity
from venue.memory_place import memory_place

__all__ = ["data_dir", "trading"]


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Settings for what is started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def forget_times(journal: Path) -> None:
    """Remove the times of a journal's batches, as a restart of the machine does."""
    place = memory_place()
    if place is not None:
        for path in place[0].glob(f"{journal_identity(journal)}-*.times"):
            path.unlink()
        os.close(place[1])


@contextmanager
def traced_venue(directory: Path, endpoint: str, share: str) -> Iterator[RunningVenue]:
    """A venue as shipped with a gateway, and tracing on."""
    with (
        environment(
            VENUE_TRACING__ENABLED="true",
            VENUE_TRACING__ENDPOINT=endpoint,
            VENUE_TRACING__SHARE=share,
            VENUE_METRICS__ENABLED="false",
        ),
        gateway_venue(directory) as venue,
    ):
        try:
            yield venue
        finally:
            forget_times(DataDirectory(venue.data_dir).journal)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[RunningVenue]:
    with traced_venue(tmp_path_factory.mktemp("tracing"), receiver.endpoint, "1") as venue:
        yield venue


@pytest.fixture(scope="module")
def http(venue: RunningVenue) -> Iterator[httpx.Client]:
    with client_of(venue) as client:
        yield client


@pytest.fixture(scope="module")
def dana(http: httpx.Client) -> dict[str, str]:
    return headers_of(http, "dana")
