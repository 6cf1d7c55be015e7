"""A running venue is seen as it is: every metric, health, what was traded, `venue top`."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.metrics.conftest import CAPACITY
from tests.metrics.scraping import Series, addresses, get, scrape, value
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.cli.told import Examined, Top
from venue.metrics.catalog import CATALOG, series_names
from venue.processes import ENDPOINTS


@pytest.fixture(scope="module")
def ports(venue: RunningVenue) -> dict[str, str]:
    found = addresses(venue)
    wait_for(lambda: all(get(at, "/readyz")[0] == 200 for at in found.values()), 60)
    return found


@pytest.fixture(scope="module")
def brokers(venue: RunningVenue, ports: dict[str, str]) -> Iterator[tuple[FixClient, FixClient]]:
    """Two that are on as long as this file runs: nobody reads for them afterwards."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=[(9001, "N")])
    yield alpha, bravo
    venue.disconnect_clients()


def trade(brokers: tuple[FixClient, FixClient], name: str) -> None:
    """A trade of ACME, then an order that is refused."""
    alpha, bravo = brokers
    alpha.send("D", new_order(f"{name}b", "1", "2", "100.00"))
    alpha.expect_report(f"{name}b", "0")
    bravo.send("D", new_order(f"{name}s", "2", "2", "100.00"))
    bravo.expect_report(f"{name}s", "F")
    alpha.expect_report(f"{name}b", "F")
    alpha.send("D", new_order(f"{name}r", "1", "2", "100.001"))
    alpha.expect_report(f"{name}r", "8")


def test_ready_line_has_the_first_port_and_status_all(
    venue: RunningVenue, ports: dict[str, str]
) -> None:
    assert f" metrics={ports['metrics']} " in venue.ready_line
    first = int(ports["metrics"].rpartition(":")[2])
    assert {name: int(at.rpartition(":")[2]) - first for name, at in ports.items()} == {
        name: place for place, name in enumerate(ENDPOINTS) if name in ports
    }
    started = {"metrics", "trading", "publisher", "followers", "replica", "reconciler"}
    assert set(ports) == started | {"gate", "fix-dropcopy", "fix-marketdata"}


def test_every_process_is_healthy_and_ready(ports: dict[str, str]) -> None:
    for name, at in ports.items():
        assert (name, get(at, "/healthz")) == (name, (200, "ok\n"))
        assert (name, get(at, "/readyz")) == (name, (200, "ok\n"))
    assert get(ports["trading"], "/")[0] == 404
    assert get(ports["trading"], "/targets")[0] == 404


def test_prometheus_is_told_of_every_port(ports: dict[str, str]) -> None:
    status, text = get(ports["metrics"], "/targets")
    assert status == 200
    assert json.loads(text) == [{"targets": [ports[each] for each in ENDPOINTS if each in ports]}]


def test_every_metric_of_the_catalog_is_there_and_no_other(
    venue: RunningVenue, ports: dict[str, str], brokers: tuple[FixClient, FixClient]
) -> None:
    trade(brokers, "c")
    wanted = {series for metric in CATALOG for series in series_names(metric)}

    def seen() -> set[str]:
        return {series.name for at in ports.values() for series in scrape(at)}

    wait_for(lambda: wanted <= seen(), 60)
    assert seen() == wanted


def test_what_was_traded_is_counted_by_type(
    ports: dict[str, str], brokers: tuple[FixClient, FixClient]
) -> None:
    watched = [
        Series("venue_orders_total"),
        Series("venue_trades_total", (("symbol", "ACME"),)),
        Series("venue_commands_total", (("type", "EnterOrder"),)),
        Series("venue_rejects_total", (("code", "PRICE_NOT_ON_TICK"),)),
        Series("venue_reports_total", (("msg_type", "8"),)),
    ]
    before = scrape(ports["replica"])
    records = value(ports["trading"], "venue_journal_records_total") or 0
    for number in range(3):
        trade(brokers, f"t{number}")
    expected = [before.get(each, 0.0) + more for each, more in zip(watched, (9, 3, 9, 3, 15),
                                                                   strict=True)]  # fmt: skip
    wait_for(lambda: [scrape(ports["replica"]).get(each) for each in watched] == expected, 20)
    wait_for(lambda: (value(ports["trading"], "venue_journal_records_total") or 0) >= records + 9)


def test_latency_disk_and_batches_are_measured_once_a_message(
    ports: dict[str, str], brokers: tuple[FixClient, FixClient]
) -> None:
    names = ("venue_message_to_disk_seconds", "venue_message_to_report_seconds")

    def counts() -> list[float]:
        found = scrape(ports["trading"])
        return [found[Series(f"{name}_count")] for name in names]

    before = counts()
    trade(brokers, "l")
    wait_for(lambda: min(now - then for now, then in zip(counts(), before, strict=True)) >= 3)
    found = scrape(ports["trading"])
    for name in (*names, "venue_fdatasync_seconds"):
        total, count = found[Series(f"{name}_sum")], found[Series(f"{name}_count")]
        assert 0 < total / count < 5
        assert found[Series(f"{name}_bucket", (("le", "+Inf"),))] == count
    assert found[Series(f"{names[0]}_sum")] <= found[Series(f"{names[1]}_sum")]
    assert found[Series("venue_batches_total")] == found[Series("venue_fdatasync_seconds_count")]


def test_sessions_that_are_on_have_their_numbers(
    ports: dict[str, str], brokers: tuple[FixClient, FixClient]
) -> None:
    alpha, _ = brokers
    wait_for(
        lambda: (
            value(ports["trading"], "venue_session_messages_in_total", session="ALPHA")
            == alpha.next_out - 1
        )
    )
    assert value(ports["trading"], "venue_sessions_logged_on") == 2
    assert value(ports["trading"], "venue_session_messages_in_total", session="DELTA") is None


def test_ledger_servers_and_capacity_are_seen(ports: dict[str, str]) -> None:
    found = scrape(ports["metrics"])
    assert found[Series("venue_ledger_imbalance", (("asset", "USD"),))] == 0
    assert found[Series("venue_server_up", (("server", "postgres"),))] == 1
    assert found[Series("venue_server_up", (("server", "nats"),))] == 1
    assert found[Series("venue_breaks_open")] == 0
    assert found[Series("venue_capacity_messages_per_second")] == CAPACITY
    busiest = found[Series("venue_busiest_second_messages")]
    assert found[Series("venue_capacity_used_ratio")] == pytest.approx(busiest / CAPACITY)
    assert 0 < found[Series("venue_disk_free_bytes")] <= found[Series("venue_disk_bytes")]


def test_top_shows_rates_and_lag_of_all(
    venue: RunningVenue, brokers: tuple[FixClient, FixClient]
) -> None:
    told = venue.json("top", "--once", "--seconds", "2")
    found = msgspec.convert(told, Top)
    assert {each.process for each in found.processes} == set(addresses(venue))
    assert all(each.up and each.trouble is None for each in found.processes)
    assert {"clearing", "audit", "replica", "publisher", "fix-marketdata"} <= {
        each.follower for each in found.followers
    }
    assert found.trading.commands_per_second is not None
    assert found.trading.sessions_on == 2
    assert {each.session for each in found.sessions} == {"ALPHA", "BRAVO"}
    text = venue.command("top", "--once", "--seconds", "0.5").stdout
    assert "clearing" in text and "ALPHA" in text


def test_doctor_finds_no_error_beside_a_running_venue(venue: RunningVenue, tmp_path: Path) -> None:
    config = venue.data_dir.parent / "venue.toml"
    done = venue.command("doctor", "--config", str(config), "--json")
    found = msgspec.convert(json.loads(done.stdout), Examined)
    errors = [each for each in found.findings if each.level == "error"]
    assert (done.returncode, errors) == (0, [])
    assert "DEMO_PASSWORD" in {each.code for each in found.findings}
    assert float(found.measured["fdatasync"].split()[0]) > 0
