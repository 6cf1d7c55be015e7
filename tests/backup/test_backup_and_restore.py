"""The whole way with real servers: a backup under load, its restore elsewhere, what then runs."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.js.errors import NotFoundError

from tests.backup.test_backup_files import backed_up, restored
from tests.dropcopy.scenario import stored_alerts
from tests.fix_client import LogonRefused
from tests.running_venue import ASK_SECONDS, RunningVenue
from tests.servers.conditions import wait_for
from tests.test_two_venues import refused_start, trade
from venue.audit.chain import last_event
from venue.audit.event_alerts import SESSIONS_CLOSED
from venue.journal.durable import read_position
from venue.journal.identity import journal_identity
from venue.journal.reader import JournalReader

pytestmark = pytest.mark.timeout(600)
RUNS = "runs on this machine"


def status(venue: RunningVenue) -> dict[str, Any]:
    return venue.asked("status")


@contextmanager
def load(venue: RunningVenue) -> Iterator[None]:
    """Orders, cancels and replaces over FIX as long as what is inside takes."""
    command = [sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.data_dir), "bench"]
    options = ["load", "--rate", "200", "--seconds", "300", "--warm-up", "0", "--yes"]
    options += ["--symbols", "GLOBEX"]  # the tests trade in another
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        before = status(venue)["event_seq"]
        wait_for(lambda: bool(status(venue)["event_seq"] > before + 500), 60, ASK_SECONDS)
        yield
        assert process.poll() is None, "the load has ended before"
    finally:
        process.terminate()
        process.wait(30)


def booked_until_now(venue: RunningVenue) -> dict[str, Any]:
    """The trial balance, once the ledger has all that is in the journal now."""
    position = read_position(venue.data_dir / "journal").event_seq
    found: dict[str, Any] = {}

    def is_booked() -> bool:
        told = venue.asked("ledger", "trial-balance")
        found.update(told if told["ok"] else {})  # not while PostgreSQL is away
        return bool(found) and found["position"] >= position

    wait_for(is_booked, 150, ASK_SECONDS)
    return found


def trades_until(data_dir: Path, event_seq: int) -> int:
    """Trades in the journal up to an event."""
    reader = JournalReader(data_dir / "journal")
    try:
        count = 0
        while events := reader.read(1_000):
            count += sum(
                event.type == "TradeExecuted" and event.event_seq <= event_seq for event in events
            )
        return count
    finally:
        reader.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("places")


@pytest.fixture(scope="module")
def original(place: Path) -> Iterator[RunningVenue]:
    venue = RunningVenue(place / "original")
    venue.start()
    yield venue
    venue.__exit__(None, None, None)


def test_backup_under_load_is_the_state_at_its_record(original: RunningVenue, place: Path) -> None:
    wait_for(lambda: last_event(original.data_dir / "audit") is not None, 120)
    with load(original):
        told = backed_up(original.data_dir, place / "under-load")
        assert status(original)["event_seq"] > told["event_seq"], "trading went on"
    assert 0 < told["trail_event_seq"] <= told["event_seq"]
    until = original.json("replay", "--to", str(told["seq"]))
    assert until["digest"] == told["digest"]
    restored(place / "under-load", place / "elsewhere")
    elsewhere = RunningVenue(place / "elsewhere")
    assert elsewhere.json("replay", "--verify")["digest"] == told["digest"]
    assert elsewhere.command("journal", "verify").returncode == 0
    assert elsewhere.command("audit", "verify").returncode == 0
    configuration = Path(place / "elsewhere" / told["configuration"])
    assert configuration.read_text() == Path("venue.toml").read_text()


def test_restored_venue_does_not_start_beside_its_original(
    original: RunningVenue, place: Path
) -> None:
    identity = journal_identity(original.data_dir / "journal")
    for _ in range(2):
        refused = refused_start(place / "elsewhere")
        assert refused.returncode == 2 and refused.stdout == ""
        assert f"journal {identity} {RUNS}" in refused.stderr
        assert "starting" not in refused.stderr, "its servers are not started first"
        assert not (place / "elsewhere" / "postgres").exists()
    trade(original, "undisturbed")


@pytest.mark.parametrize("shared", ["nats", "database"])
def test_restored_venue_does_not_start_on_servers_of_its_original(
    original: RunningVenue, place: Path, shared: str
) -> None:
    """As on another machine: the servers are asked before anything is started."""
    booked_until_now(original)
    identity = journal_identity(original.data_dir / "journal")
    refused = refused_start(place / "elsewhere", f"{shared}_url={original.runtime()[shared]}")
    assert refused.returncode == 2 and refused.stdout == ""
    assert f"{shared}_url belongs to journal {identity}" in refused.stderr


def test_restored_venue_asks_first_then_goes_on_with_ledger_trail_and_streams(
    original: RunningVenue, place: Path
) -> None:
    trade(original, "before")
    booked = booked_until_now(original)
    balances = original.json("ledger", "balances", "ALPHA")
    assert original.stop() == 0
    told = backed_up(original.data_dir, place / "stopped")
    assert told["event_seq"] >= booked["position"]
    restored(place / "stopped", place / "new")
    configuration = place / "new" / told["configuration"]
    venue = RunningVenue(place / "new", configuration)
    venue.start()
    try:
        again = booked_until_now(venue)
        now = status(venue)
        assert not now["healthy"]
        assert told["journal"] in now["blocks"]["sessions_closed"]
        assert told["journal"] in now["recovery"]["origin"]
        done = venue.command("status")
        assert done.returncode == 1 and "trouble: sessions are closed: restored" in done.stderr
        alpha = venue.client("ALPHA")
        with pytest.raises(LogonRefused, match="SESSIONS_CLOSED"):
            alpha.logon()
        wait_for(lambda: SESSIONS_CLOSED in alerts(venue), 60)
        assert again["trades"] == booked["trades"] == trades_until(place / "new", told["event_seq"])
        assert again["assets"] == booked["assets"]
        again_told = venue.json("ledger", "balances", "ALPHA")
        assert again_told["balances"] == balances["balances"]
        assert venue.command("audit", "verify").returncode == 0
        refused = refused_start(original.data_dir)
        assert refused.returncode == 2 and RUNS in refused.stderr
        assert venue.json("session", "open", "--reason", "members were told")["ok"]
        trade(venue, "after")
        assert booked_until_now(venue)["trades"] == booked["trades"] + 1
        assert status(venue)["blocks"]["sessions_closed"] is None
    finally:
        assert venue.stop() == 0


def alerts(venue: RunningVenue) -> list[str]:
    try:
        found = asyncio.run(stored_alerts(venue.runtime()["nats"]))
    except NotFoundError:  # the stream of alerts is made with the first one
        return []
    return [alert["type"] for alert in found]
