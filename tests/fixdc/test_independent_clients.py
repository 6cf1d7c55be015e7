"""Other people's FIX libraries listen, with their own numbers, through a kill -9 of the process."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.asyncfix_broker import AsyncfixBroker
from tests.clients.broker import Broker
from tests.clients.fixcore_broker import FixcoreBroker
from tests.clients.quickfix_broker import QuickfixBroker
from tests.clients.simplefix_broker import SimplefixBroker
from tests.fix_message import new_order

from .running import RunningDropCopies

STAYS = [(9001, "N")]
LIBRARIES = [
    pytest.param(QuickfixBroker, "ALPHA-DC", id="quickfix"),
    pytest.param(FixcoreBroker, "BRAVO-DC", id="fixcore"),
    pytest.param(SimplefixBroker, "RISK-DC", id="simplefix"),
    pytest.param(
        AsyncfixBroker,
        "A1-DC",
        id="asyncfix",
        marks=pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    ),
]
MEMBERS = {"BRAVO-DC": ("BRAVO",), "RISK-DC": ("ALPHA", "BRAVO")}


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDropCopies]:
    with RunningDropCopies(tmp_path_factory.mktemp("libraries")) as venue:
        yield venue


def trade(venue: RunningDropCopies, name: str) -> None:
    alpha, bravo = venue.trading.client("ALPHA"), venue.trading.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=STAYS)
    alpha.send("D", new_order(name, "1", "2", "100.00", extra=[(1, "A1")]))
    alpha.expect_report(name, "0")
    bravo.send("D", new_order(name, "2", "2", "100.00"))
    bravo.expect_report(name, "F")
    for client in (alpha, bravo):
        client.logout()


@pytest.mark.parametrize(("library", "session"), LIBRARIES)
def test_library_has_every_copy_over_kills(
    venue: RunningDropCopies,
    library: type[Broker],
    session: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules[library.__module__], "SESSION", session)
    listener = library(("127.0.0.1", venue.port), tmp_path)

    def wanted() -> set[str]:
        copies = venue.copies(*MEMBERS.get(session, ("ALPHA",)))
        return {copy.exec_id for copy in copies if session != "A1-DC" or copy.account == "A1"}

    def has_all() -> bool:
        return {report[17] for report in listener.reports} == wanted()

    try:
        trade(venue, f"{session}-1")
        listener.log_on()
        listener.wait_for(has_all)
        trade(venue, f"{session}-2")
        venue.kill()
        listener.lose()
        trade(venue, f"{session}-3")
        venue.start()
        listener.log_on()
        listener.wait_for(has_all)
        assert all(report[797] == "Y" for report in listener.reports)
        listener.log_out()
    finally:
        listener.close()
