"""The first start on a disk without room: it says how much it wants, and has written nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.running_venue import RunningVenue
from tests.servers.disks import fill, small_disk
from venue.servers import ServerError, postgres

SMALL = ("--set", "fix.port=0", "--set", "journal.segment_mib=4")


def enlarge(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=400m", str(disk)], check=True)


def test_stranger_is_told_what_the_first_start_takes_and_can_start_once_it_is_there(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, "60m") as disk:
        venue = RunningVenue(disk / "data")
        for options, wanted in (
            (("--set", "fix.port=0"), "340 MiB: 256 MiB for the journal (journal.segment_mib), "),
            (SMALL, "88 MiB: 4 MiB for the journal (journal.segment_mib), "),
        ):
            refused = venue.command("run", *options)
            assert (refused.returncode, refused.stdout) == (2, "")
            assert refused.stderr == (
                f"the disk of {venue.data_dir} has 60 MiB free, and this start takes {wanted}"
                "80 MiB for PostgreSQL, 4 MiB for logs and the like; free some space, then start "
                "again\n"
            )
            assert list(disk.iterdir()) == [], "nothing is left of it"
        enlarge(disk)
        with venue:
            assert venue.stop() == 0
        fill(disk)
        again = venue.command("run", *SMALL)  # what is there takes no room; servers say what does
        assert again.returncode in (1, 2) and "No space left on device" in again.stderr


def test_database_that_found_no_room_says_so_and_is_made_later(tmp_path: Path) -> None:
    """Something else has filled the disk since the start has looked."""
    with small_disk(tmp_path, "12m") as disk:
        data_dir = disk / "data"
        data_dir.mkdir(mode=0o700)
        with pytest.raises(ServerError, match=r"initdb failed .*No space left on device"):
            postgres.start(data_dir)
        enlarge(disk)
        postgres.start(data_dir).stop()
