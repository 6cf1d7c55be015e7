"""One trading process for all tests of a module, and fresh sessions for each test."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.fix_client import FixClient
from tests.running import RunningTrading

_numbers = count(1)


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A running trading process."""
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running


@pytest.fixture
def alpha(trading: RunningTrading) -> Iterator[FixClient]:
    """ALPHA, logged on; its orders are canceled when it leaves."""
    with trading.client("ALPHA") as client:
        client.logon()
        yield client
        client.logout()


@pytest.fixture
def bravo(trading: RunningTrading) -> Iterator[FixClient]:
    """BRAVO, logged on; its orders are canceled when it leaves."""
    with trading.client("BRAVO") as client:
        client.logon()
        yield client
        client.logout()


@pytest.fixture
def unique() -> str:
    """A text that no other test of this run has, for ClOrdIDs."""
    return f"t{next(_numbers)}-"
