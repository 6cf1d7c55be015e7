"""The whole venue as an operator runs it: trade to ledger, servers killed, everything killed."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dropcopy.copies import length
from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import command_line, is_running, wait_for

BUY, SELL = "1", "2"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A running venue for the tests that leave it running."""
    with RunningVenue(tmp_path_factory.mktemp("whole") / "data") as running:
        yield running


@pytest.fixture
def venue(running: RunningVenue) -> Iterator[RunningVenue]:
    """The running venue; the test's clients are disconnected afterwards."""
    yield running
    running.disconnect_clients()


def trade(buyer: FixClient, seller: FixClient, name: str, qty: str = "2") -> Decimal:
    """One trade at 100.00; its value as both reports state it."""
    buyer.send("D", new_order(f"{name}b", BUY, qty, "100.00"))
    buyer.expect_report(f"{name}b", "0")
    seller.send("D", new_order(f"{name}s", SELL, qty, "100.00"))
    sold = seller.expect_report(f"{name}s", "F")
    bought = buyer.expect_report(f"{name}b", "F")
    assert (sold.get(31), sold.get(32)) == (bought.get(31), bought.get(32))
    return Decimal(sold.get(31)) * Decimal(sold.get(32))


def log_on(venue: RunningVenue, *, reset: bool = True) -> tuple[FixClient, FixClient]:
    """ALPHA and BRAVO, logged on; their orders stay when they leave."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(reset=reset, extra=[(9001, "N")])
    return alpha, bravo


def usd_of(venue: RunningVenue, member: str) -> Decimal:
    """USD balance of a member."""
    rows = venue.json("ledger", "balances", member)["balances"]
    return sum((Decimal(row["amount"]) for row in rows if row["asset"] == "USD"), Decimal(0))


def test_ready_line_states_where_everything_is(venue: RunningVenue) -> None:
    parts = dict(part.split("=", 1) for part in venue.ready_line.split()[2:])
    serving = {"fix", "fix-marketdata", "fix-dropcopy"}
    assert set(parts) == {*serving, "nats", "database", "data", "core"}
    assert parts["fix"].startswith("127.0.0.1:") and "127.0.0.1" in parts["nats"]


def test_database_that_is_printed_and_kept_for_commands_is_the_readers(
    venue: RunningVenue,
) -> None:
    assert "database=postgresql://venue_reader:***@127.0.0.1:" in venue.ready_line
    kept = (venue.data_dir / "runtime.json").read_text()
    assert "postgresql://venue_reader:" in kept
    secrets = {path.name: path.read_text().strip() for path in passwords(venue)}
    assert secrets.pop("postgres-reader.password") in kept
    assert not any(secret in kept for secret in secrets.values())
    with (
        psycopg.connect(venue.runtime()["database"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("UPDATE clearing.balances SET balance = 0")


def test_passwords_of_the_ledger_go_to_who_needs_them_and_into_no_log(venue: RunningVenue) -> None:
    secrets = {path.name: path.read_text().strip() for path in passwords(venue)}
    assert len(secrets) == len(set(secrets.values())) == 4
    found = {}
    for name, pid in venue.runtime()["processes"].items():
        environment = Path(f"/proc/{pid}/environ").read_text()
        found[name] = {file for file, secret in secrets.items() if secret in environment}
        assert not any(secret in command_line(pid) for secret in secrets.values())
    assert found.pop("followers") == {"postgres-writer.password", "postgres-owner.password"}
    for reading in ("trading", "fix-dropcopy"):
        assert found.pop(reading) == {"postgres-reader.password"}
    assert found and not any(found.values())
    logged = [path.read_text() for path in (venue.data_dir / "logs").glob("*.log")]
    assert not any(secret in text for text in (*logged, venue.log()) for secret in secrets.values())


def passwords(venue: RunningVenue) -> list[Path]:
    files = sorted(venue.data_dir.glob("postgres*.password"))
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    return files


def test_trades_in_reports_are_the_trades_in_the_ledger(venue: RunningVenue) -> None:
    alpha, bravo = log_on(venue)
    before = venue.json("ledger", "trial-balance")["trades"]
    funds = usd_of(venue, "ALPHA")
    value = sum((trade(alpha, bravo, f"t{number}") for number in range(10)), Decimal(0))
    balance = venue.wait_for_trades(before + 10)
    assert balance["trades"] == before + 10
    assert {asset["sum"] for asset in balance["assets"].values()} == {0}
    assert usd_of(venue, "ALPHA") == funds - value


def test_audit_trail_and_status_are_up_to_date(venue: RunningVenue) -> None:
    wait_for(venue.has_caught_up, 20)
    assert venue.command("audit", "verify").returncode == 0


def test_status_has_every_store_with_its_size_and_retention(venue: RunningVenue) -> None:
    wait_for((venue.data_dir / "disk.json").exists, 60)
    disk = venue.json("status")["disk"]
    stores = {row["store"]: row for row in disk["stores"]}
    assert stores.keys() >= {
        *("journal", "event stream", "drop streams", "ledger", "trail", "service logs")
    }
    assert all(row["bytes"] > 0 for row in stores.values())
    kept = {name: (row["kept_days"], row["kept_gib"]) for name, row in stores.items()}
    assert kept["journal"] == (0, 0) and kept["event stream"] == (7, 16)
    assert kept["drop streams"] == (30, 4)
    assert kept["ledger"] == (None, None) and kept["trail"] == (0, 0)
    assert disk["free_bytes"] > 0
    text = venue.command("status").stdout
    assert "7 days, 16 GiB" in text and " free" in text


def test_drop_copies_are_the_reports_of_the_member(venue: RunningVenue) -> None:
    alpha, bravo = log_on(venue)
    alpha.send("D", new_order("dropb", BUY, "3", "100.00"))
    reports = [alpha.expect_report("dropb", "0")]
    bravo.send("D", new_order("drops", SELL, "3", "100.00"))
    reports.append(alpha.expect_report("dropb", "F"))
    wait_for(venue.has_caught_up, 20)
    last = [copy for copy in drop_copies(venue, "ALPHA") if copy.get("cl_ord_id") == "dropb"]
    assert [copy["exec_id"] for copy in last] == [report[17] for report in reports]
    assert "BRAVO" not in str(last)


def drop_copies(venue: RunningVenue, member: str) -> list[dict[str, Any]]:
    """All of the member's drop copies so far."""
    held = asyncio.run(length(venue.runtime()["nats"], member))
    watched = venue.command(
        "dropcopy", "watch", member, "--from", "1", "--count", str(held), "--json"
    )
    copies = [json.loads(line) for line in watched.stdout.splitlines()]
    assert [copy["member_seq"] for copy in copies] == list(range(1, held + 1))
    return copies


def test_book_shows_what_rests_and_unknown_symbols_are_refused(venue: RunningVenue) -> None:
    alpha, _ = log_on(venue)
    alpha.send("D", new_order("book1", BUY, "7", "98.00", symbol="GLOBEX"))
    alpha.expect_report("book1", "0")
    assert venue.json("book", "GLOBEX")["bids"] == [["98", "7", 1]]
    refused = venue.command("book", "NOPE")
    assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1


def test_deposit_reaches_the_ledger_and_bad_ones_change_nothing(venue: RunningVenue) -> None:
    funds = usd_of(venue, "DELTA")
    paid = venue.command("deposit", "DELTA", "USD", "0.00000001", "--reference", "whole 1")
    assert paid.returncode == 0
    wait_for(lambda: usd_of(venue, "DELTA") == funds + Decimal("0.00000001"))
    for wrong in (("DELTA", "USD", "0"), ("DELTA", "USD", "1" + "0" * 40), ("NOBODY", "USD", "1")):
        refused = venue.command("deposit", *wrong, "--reference", "whole 2")
        assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1
    assert usd_of(venue, "DELTA") == funds + Decimal("0.00000001")


@pytest.mark.parametrize("server", ["nats", "postgres"])
def test_killing_a_server_does_not_stop_trading_and_clearing_catches_up(
    venue: RunningVenue, server: str
) -> None:
    alpha, bravo = log_on(venue)
    before = venue.json("ledger", "trial-balance")["trades"]
    trade(alpha, bravo, f"{server}0")
    os.kill(venue.runtime()["servers"][server], signal.SIGKILL)
    for number in range(1, 20):
        trade(alpha, bravo, f"{server}{number}")
    balance = venue.wait_for_trades(before + 20)
    assert balance["trades"] == before + 20
    assert {asset["sum"] for asset in balance["assets"].values()} == {0}
    assert venue.command("ledger", "trial-balance", "--verify").returncode == 0


def test_kill_9_of_everything_and_a_second_start_on_the_same_data(tmp_path: Path) -> None:
    with RunningVenue(tmp_path / "data") as venue:
        alpha, bravo = log_on(venue)
        trade(alpha, bravo, "t1")
        alpha.send("D", new_order("rests", BUY, "5", "99.00"))
        alpha.expect_report("rests", "0")
        pids = venue.pids()
        venue.kill_group()
        alpha.close()
        bravo.close()
        venue.start()
        assert not any(is_running(pid) for pid in pids), "no orphan is left"
        address = venue.client("ALPHA").address
        alpha.address = bravo.address = address
        for client in (alpha, bravo):
            client.logon(reset=False, extra=[(9001, "N")])
        assert venue.json("book", "ACME")["bids"] == [["99", "5", 1]]
        trade(alpha, bravo, "t2")
        assert venue.wait_for_trades(2)["trades"] == 2
        second = venue.command("run")
        assert second.returncode == 2 and "in use by a running venue" in second.stderr
        pids = venue.pids()
        assert venue.stop(signal.SIGINT) == 0
        assert not any(is_running(pid) for pid in pids), "nothing is left running"
        assert not (venue.data_dir / "runtime.json").exists()


def test_commands_say_that_no_venue_is_running(tmp_path: Path) -> None:
    venue = RunningVenue(tmp_path)
    for arguments in (("status",), ("ledger", "trial-balance"), ("session", "list")):
        refused = venue.command(*arguments)
        assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1
        assert "no venue" in refused.stderr
