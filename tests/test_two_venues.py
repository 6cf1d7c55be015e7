"""Two venues on one machine, one NATS or one database, and a copy beside its original: the first
goes on as if it were alone, the second says why it does not."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dropcopy.scenario import stored
from tests.fix_message import new_order
from tests.running_venue import ASK_SECONDS, RunningVenue
from tests.servers.conditions import wait_for
from venue.journal.durable import position_path
from venue.journal.identity import journal_identity

ROOT = Path(__file__).resolve().parent.parent
SINKS = ["audit", "clearing", "dropcopy", "marketdata", "notifier", "publisher"]


def trade(venue: RunningVenue, name: str) -> None:
    """One trade, acknowledged to both."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=[(9001, "N")])
    alpha.send("D", new_order(f"{name}a", "1", "5", "100.00"))
    alpha.expect_report(f"{name}a", "0")
    bravo.send("D", new_order(f"{name}b", "2", "5", "100.00"))
    bravo.expect_report(f"{name}b", "F")
    alpha.expect_report(f"{name}a", "F")
    venue.disconnect_clients()


def whole(venue: RunningVenue, trades: int) -> None:
    """Everybody of this venue has everything, and `venue status` says so."""
    wait_for(lambda: not any(row["lag"] for row in status(venue)["processes"]), 60, ASK_SECONDS)
    wait_for(
        lambda: bool(status(venue)["healthy"]), 60, ASK_SECONDS
    )  # PostgreSQL may not answer in time
    balance = venue.json("ledger", "trial-balance")
    assert balance["trades"] == trades
    assert balance["position"] == status(venue)["event_seq"]
    numbers = [number for number, _ in asyncio.run(stored(venue.runtime()["nats"]))]
    assert numbers == list(range(1, balance["position"] + 1))


def status(venue: RunningVenue) -> dict[str, Any]:
    return venue.asked("status")


def configured(directory: Path, **urls: str) -> Path:
    """The venue's own configuration, but for these URLs."""
    directory.mkdir()
    for name in ("sessions.cfg", "spec"):
        source = ROOT / name
        (directory / name).symlink_to(source)
    text = (ROOT / "venue.toml").read_text()
    for key, url in urls.items():
        text = text.replace(f'{key} = ""', f'{key} = "{url}"')
    path = directory / "venue.toml"
    path.write_text(text)
    return path


def refused_start(data_dir: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    """`venue run`, which has to end by itself."""
    options = ["--set", "fix.port=0", "--set", "journal.segment_mib=4"]
    for setting in settings:
        options += ["--set", setting]
    return subprocess.run(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir), "run", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """The venue that was there first, with one trade."""
    with RunningVenue(tmp_path_factory.mktemp("first") / "data") as venue:
        trade(venue, "one")
        whole(venue, 1)
        yield venue


def test_copy_started_beside_its_original_is_refused_and_disturbs_nothing(
    first: RunningVenue, tmp_path: Path
) -> None:
    position = position_path(first.data_dir / "journal")
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns("*.sock", "postgres", "runtime.json")
    shutil.copytree(first.data_dir, copy, ignore=ignored, symlinks=True)
    for _ in range(2):
        done = refused_start(copy)
        assert done.returncode == 2 and done.stdout == ""
        assert "is a copy of a journal" in done.stderr and "venue journal adopt" in done.stderr
        assert position.exists()
        wait_for(lambda: bool(status(first)["healthy"]), 60, ASK_SECONDS)
    trades = first.json("ledger", "trial-balance")["trades"]
    trade(first, "after-copy")
    whole(first, trades + 1)


@pytest.mark.parametrize("shared", ["nats_url", "database_url"])
def test_second_venue_on_what_belongs_to_the_first_halts_and_says_so(
    first: RunningVenue, tmp_path: Path, shared: str
) -> None:
    url = first.runtime()["nats"] if shared == "nats_url" else first.urls_of("clearing")[shared]
    config = configured(tmp_path / "config", **{shared: url})
    trades = first.json("ledger", "trial-balance")["trades"]
    second = RunningVenue(tmp_path / "data", config)
    second.start()
    try:
        halting = SINKS if shared == "nats_url" else ["clearing"]
        wait_for(lambda: halted(second).keys() >= set(halting), 90, ASK_SECONDS)
        trade(second, "theirs")
        trade(first, f"ours-{shared}")
        whole(first, trades + 1)
        told = status(second)
        assert not told["healthy"] and sorted(halted(second)) == halting
        for why in halted(second).values():
            assert journal_identity(first.data_dir / "journal") in why
            assert journal_identity(second.data_dir / "journal") in why
        lags = {row["process"]: row["lag"] for row in told["processes"]}
        assert all(lags[name] != 0 for name in halting), "what is not known is not zero"
        assert second.command("status").returncode == 1
    finally:
        assert second.stop() == 0
    whole(first, trades + 1)


def halted(venue: RunningVenue) -> dict[str, str]:
    """Who halts, and why."""
    rows = status(venue)["processes"]
    return {row["process"]: row["halted"]["error"] for row in rows if row["halted"]}
