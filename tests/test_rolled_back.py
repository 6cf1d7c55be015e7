"""A directory that is rolled back in place, as a disk's snapshot does, beside a NATS of its own."""

import shutil
from pathlib import Path

import pytest

from tests.backup.test_backup_and_restore import booked_until_now
from tests.fix_client import LogonRefused
from tests.running_venue import ASK_SECONDS, RunningVenue
from tests.servers.conditions import wait_for
from tests.test_two_venues import configured, halted, status, trade
from venue.servers import nats

pytestmark = pytest.mark.timeout(600)
ROLLED_BACK = ("journal", "positions", "audit", "audit-heads")


def roll_back(data_dir: Path, before: Path) -> None:
    """Bring back what was there, file by file: the directories stay the same ones."""
    for name in ROLLED_BACK:
        for path in (data_dir / name).iterdir():
            path.unlink()
        for path in (before / name).iterdir():
            shutil.copy2(path, data_dir / name)


def test_stream_and_ledger_that_are_ahead_close_the_sessions(tmp_path: Path) -> None:
    server = nats.start(tmp_path / "nats")
    venue = RunningVenue(tmp_path / "data", configured(tmp_path / "config", nats_url=server.url))
    try:
        venue.start()
        booked_until_now(venue)
        assert venue.stop() == 0
        before = tmp_path / "before"
        for name in ROLLED_BACK:
            shutil.copytree(venue.data_dir / name, before / name)
        venue.start()
        trade(venue, "lost")
        booked_until_now(venue)
        assert venue.stop() == 0
        roll_back(venue.data_dir, before)
        venue.start()
        wait_for(lambda: {"publisher", "clearing"} <= halted(venue).keys(), 150, ASK_SECONDS)
        wait_for(lambda: bool(status(venue)["histories"]), 60, ASK_SECONDS)
        assert "which is not in the journal" in status(venue)["blocks"]["sessions_closed"]
        with pytest.raises(LogonRefused, match="SESSIONS_CLOSED"):
            venue.client("ALPHA").logon()
        assert venue.json("session", "open")["ok"]
        venue.client("ALPHA").logon()
        assert len(status(venue)["histories"]) == 1, "stream and ledger lost the same"
    finally:
        venue.__exit__(None, None, None)
        server.stop()
