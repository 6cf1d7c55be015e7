"""Collectors that are away, and shares of none: trading goes on as ever."""

from pathlib import Path

from tests.fix_message import new_order
from tests.gateway.conftest import with_gateway
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from tests.tracing.conftest import environment, traced_venue
from tests.tracing.receiver import Receiver
from venue.data_directory import DataDirectory
from venue.servers.ports import free_port

ORDERS = 100


def trade(venue: RunningVenue) -> None:
    """So many orders rest and are traded; all trades are booked."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon()
    bravo.logon()
    for number in range(ORDERS):
        alpha.send("D", new_order(f"b{number}", "1", "1", "101.00"))
    alpha.expect_report(f"b{ORDERS - 1}", "0")
    for number in range(ORDERS):
        bravo.send("D", new_order(f"s{number}", "2", "1", "101.00"))
    bravo.expect_report(f"s{ORDERS - 1}", "F")
    venue.wait_for_trades(ORDERS)
    wait_for(venue.has_caught_up, 60)


def test_collector_that_is_away_disturbs_nothing(tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{free_port('127.0.0.1')}/v1/traces"
    with traced_venue(tmp_path, endpoint, "1") as venue:
        trade(venue)
        for process in ("publisher", "followers", "tracer"):
            log = DataDirectory(venue.data_dir).log(process)
            wait_for(lambda log=log: "spans_wait" in log.read_text(), 60)  # type: ignore[misc]
        pids = venue.runtime()["processes"]
        assert "tracer" in pids
        trades = venue.json("trade", "list")["trades"]
        assert len(trades) == ORDERS
        assert venue.runtime()["processes"] == pids, "no process has ended"
        assert venue.stop() == 0


def test_share_of_none_gives_no_span(tmp_path: Path) -> None:
    with Receiver() as receiver:
        with traced_venue(tmp_path, receiver.endpoint, "0") as venue:
            trade(venue)
            assert venue.stop() == 0, "and all that waits has been sent"
        assert (receiver.asked, receiver.spans) == (0, [])


def test_off_there_is_no_tracer(tmp_path: Path) -> None:
    with environment(VENUE_METRICS__ENABLED="false"), with_gateway(tmp_path) as venue:
        assert "tracer" not in venue.runtime()["processes"]
