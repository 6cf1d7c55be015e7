"""One trading process for all tests of a module, fresh sessions for each test, reports checked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from tests.fix.limited_venue import NAMES, OTHER, Operator, Trader, limited_venue
from tests.fix.report_checker import CheckedClient, ReportChecker
from tests.fix.scenario import Life, Market, nothing_else
from tests.fix_client import FixClient
from tests.fix_message import Field
from tests.running import RunningTrading

_numbers = count(1)
_names = iter(NAMES)
LogOn = Callable[[str], AbstractContextManager[FixClient]]


class NewTrader(Protocol):
    """Logs a fresh member on."""

    def __call__(self, *extra: Field, heartbeat: int = 30, session: str = "") -> Trader:
        """`extra` and HeartBtInt are of its Logon; session: not a fresh member's, but this one."""


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A running trading process."""
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running


@pytest.fixture(scope="module")
def checker(trading: RunningTrading) -> ReportChecker:
    """What checks every report of the module's process."""
    return ReportChecker()


@pytest.fixture(scope="module")
def log_on(trading: RunningTrading, checker: ReportChecker) -> LogOn:
    """Log a session on; its orders are canceled when it leaves."""

    @contextmanager
    def logged_on(session: str) -> Iterator[FixClient]:
        with CheckedClient(trading.address, session, checker) as client:
            client.logon()
            yield client
            client.logout()

    return logged_on


@pytest.fixture
def alpha(log_on: LogOn) -> Iterator[FixClient]:
    """ALPHA, logged on; its orders are canceled when it leaves."""
    with log_on("ALPHA") as client:
        yield client


@pytest.fixture
def bravo(log_on: LogOn) -> Iterator[FixClient]:
    """BRAVO, logged on; its orders are canceled when it leaves."""
    with log_on("BRAVO") as client:
        yield client


@pytest.fixture
def data_dir(trading: RunningTrading) -> Path:
    """Where the module's process answers the operator."""
    return trading.data_dir


@pytest.fixture
def unique() -> str:
    """A text that no other test of this run has, for ClOrdIDs."""
    return f"t{next(_numbers)}-"


@pytest.fixture
def life(alpha: FixClient, bravo: FixClient, unique: str) -> Iterator[Life]:
    """An order of ALPHA's to come; at the end nobody has had a report that no test named."""
    order = Life(alpha, bravo, unique)
    yield order
    nothing_else(alpha)
    nothing_else(bravo)


@pytest.fixture
def market(alpha: FixClient, bravo: FixClient, unique: str) -> Iterator[Market]:
    """Orders of this test; at the end nobody has had a report that no test named."""
    yield Market(unique)
    nothing_else(alpha)
    nothing_else(bravo)


@pytest.fixture(scope="session")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A running trading process with small limits and many members."""
    with limited_venue(tmp_path_factory.mktemp("limited")) as running:
        yield running


@pytest.fixture(scope="session")
def operator(limited: RunningTrading) -> Operator:
    """The operator of the process with small limits."""
    return Operator(limited.data_dir)


@pytest.fixture(scope="session")
def limited_checker() -> ReportChecker:
    """What checks every report of the process with small limits."""
    return ReportChecker()


@pytest.fixture
def new_trader(limited: RunningTrading, limited_checker: ReportChecker) -> Iterator[NewTrader]:
    """Logs on a member that no other test has; at the end nothing is left unread by anybody."""
    with ExitStack() as connections:
        clients = []

        def log_on(*extra: Field, heartbeat: int = 30, session: str = "") -> Trader:
            name = session or next(_names)
            client = CheckedClient(limited.address, name, limited_checker)
            clients.append(connections.enter_context(client))
            client.logon(extra=extra, heartbeat=heartbeat)
            return Trader(client, f"{next(_numbers)}-" if session else "")

        yield log_on
        connected = [client for client in clients if client.is_connected]
        for client in connected:
            nothing_else(client)
        for client in connected:
            client.logout()


@pytest.fixture
def trader(new_trader: NewTrader) -> Trader:
    """A member that no other test has."""
    return new_trader()


@pytest.fixture
def other(new_trader: NewTrader) -> Trader:
    """OTHER, to trade with."""
    return new_trader(session=OTHER)
