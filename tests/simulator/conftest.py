"""A trading process, a simulator before it, and a client that connects to that."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.fix_client import FixClient
from tests.running import RunningTrading
from venue.fixclient.wire import FixClientError
from venue.simulator import Login, Simulator


@pytest.fixture(scope="package")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """Trading, for all tests of this package."""
    with RunningTrading(tmp_path_factory.mktemp("simulated")) as running:
        yield running


@pytest.fixture
def simulator(venue: RunningTrading) -> Iterator[Simulator]:
    """A simulator that has been told nothing; DELTA enters counter-orders."""
    with Simulator(venue.address, counter=Login("DELTA", "demo")) as running:
        yield running


@pytest.fixture
def alpha(simulator: Simulator) -> Iterator[FixClient]:
    """ALPHA, logged on through the simulator; what it leaves rests far below the market."""
    client = FixClient(simulator.address, "ALPHA")
    client.logon(extra=[(9001, "N")])  # else it would be told later of what was canceled
    yield client
    simulator.clear()
    with suppress(FixClientError):
        client.logout()
    client.close()
