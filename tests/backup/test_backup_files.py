"""What a backup is made of, what it is not made over, and that what is wrong with it is noticed."""

import errno
import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.operator_desk import Desk
from tests.running import RunningTrading
from tests.sequencer.builders import Trading
from tests.sequencer.test_replica import DAY_NS, replica_of, trade
from tests.servers.conditions import wait_for
from venue.backup.take import take_backup
from venue.journal.durable import forget_position
from venue.journal.identity import journal_identity
from venue.journal.segment import list_segments


def backed_up(data_dir: Path, directory: Path) -> dict[str, Any]:
    result = Desk(data_dir).run("backup", str(directory), "--json")
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def restored(directory: Path, data_dir: Path, *options: str) -> dict[str, Any]:
    result = Desk(data_dir).run("restore", str(directory), "--yes", "--json", *options)
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def why_not(data_dir: Path, *arguments: str) -> str:
    """The last line of a command that ends with status 1 and says nothing on stdout."""
    result = Desk(data_dir).run(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    return result.stderr.splitlines()[-1]


def content(directory: Path) -> dict[Path, bytes]:
    return {
        path.relative_to(directory): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def backup(stopped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: a backup of it."""
    directory = tmp_path_factory.mktemp("backups") / "first"
    backed_up(stopped, directory)
    return directory


@pytest.fixture
def own_backup(backup: Path, tmp_path: Path) -> Path:
    """One to be spoiled."""
    return shutil.copytree(backup, tmp_path / "own")


def test_backup_is_private_and_changes_nothing_where_it_is_taken(
    stopped: Path, tmp_path: Path
) -> None:
    before = content(stopped)
    told = backed_up(stopped, tmp_path / "deep" / "backup")
    assert content(stopped) == before
    directory = tmp_path / "deep" / "backup"
    for path in (directory, *directory.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert told["journal"] == journal_identity(stopped / "journal")
    replayed = Desk(stopped).json("replay", "--verify")
    assert (told["seq"], told["event_seq"]) == (replayed["seq"], replayed["event_seq"])
    assert told["digest"] == replayed["digest"]
    names = {str(path) for path in content(directory)}
    assert {"backup.json", told["configuration"], "configuration/sessions.cfg"} <= names
    assert any(name.endswith(".snapshot") for name in names)
    assert not any("identity" in name or "position" in name for name in names)


def test_nothing_is_written_over(stopped: Path, backup: Path, tmp_path: Path) -> None:
    before = content(backup)
    assert why_not(stopped, "backup", str(backup)) == (
        f"no backup: {backup} holds a backup already"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("mine")
    assert "is not an empty directory" in why_not(stopped, "backup", str(other))
    assert "is not an empty directory" in why_not(other, "restore", str(backup), "--yes")
    assert "is not an empty directory" in why_not(stopped, "restore", str(backup), "--yes")
    assert content(backup) == before and content(other) == {Path("mine"): b"mine"}
    inside = stopped / "backup"
    assert "inside of the data directory" in why_not(stopped, "backup", str(inside))
    assert not inside.exists()
    empty = tmp_path / "empty"
    assert why_not(empty, "backup", str(tmp_path / "none")) == f"no backup: no journal in {empty}"
    assert not (tmp_path / "none").exists()


def spoil_a_byte(directory: Path) -> None:
    path = next((directory / "journal").glob("*.journal"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def lose_a_file(directory: Path) -> None:
    next((directory / "journal").glob("*.snapshot")).unlink()


def lose_the_manifest(directory: Path) -> None:
    (directory / "backup.json").unlink()


def point_outside(directory: Path) -> None:
    manifest = (directory / "backup.json").read_text()
    (directory / "backup.json").write_text(
        manifest.replace("configuration/sessions.cfg", "../../../etc/passwd")
    )


def of_another_format(directory: Path) -> None:
    manifest = json.loads((directory / "backup.json").read_text())
    (directory / "backup.json").write_text(json.dumps({**manifest, "format": 2}))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (spoil_a_byte, "is not what was backed up"),
        (lose_a_file, "is missing"),
        (lose_the_manifest, "holds no backup: backup.json is missing"),
        (point_outside, "is not in the backup"),
        (of_another_format, "has format 2, this version reads 1"),
    ],
)
def test_spoiled_backup_is_refused_and_leaves_nothing(
    own_backup: Path, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    spoil(own_backup)
    new = tmp_path / "new"
    for options in (["--dry-run"], ["--yes"]):
        refused = why_not(new, "restore", str(own_backup), *options)
        assert refused.startswith("not restored: ") and why in refused
        assert not new.exists()


def test_state_that_is_not_what_was_backed_up_is_refused(own_backup: Path, tmp_path: Path) -> None:
    manifest = json.loads((own_backup / "backup.json").read_text())
    wrong = {**manifest, "digest": "0" * 64}
    (own_backup / "backup.json").write_text(json.dumps(wrong))
    refused = why_not(tmp_path / "new", "restore", str(own_backup), "--yes")
    assert "the copy's state has digest" in refused
    assert not (tmp_path / "new").exists()


def test_dry_run_looks_at_the_backup_and_makes_nothing(backup: Path, tmp_path: Path) -> None:
    told = restored(backup, tmp_path / "new", "--dry-run")
    assert told["dry_run"] and told["restored_journal"] is None
    assert not (tmp_path / "new").exists()


def test_damaged_journal_is_not_backed_up(stopped: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(stopped, damaged)
    (segment,) = (damaged / "journal").glob("*.journal")
    data = bytearray(segment.read_bytes())
    data[2_000] ^= 1
    segment.write_bytes(data)
    refused = why_not(damaged, "backup", str(tmp_path / "backup"))
    assert refused.startswith("no backup: segment-000001") and "at offset" in refused
    assert not (tmp_path / "backup").exists()


def test_journal_that_lost_what_others_have_is_not_backed_up(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with RunningTrading(data_dir) as running:
        running.client("ALPHA").logon()
        running.kill()
        segment = list_segments(data_dir / "journal")[-1].path
        end = len(segment.read_bytes().rstrip(b"\0"))
        with segment.open("r+b") as file:
            file.truncate(end - 10)
        refused = why_not(data_dir, "backup", str(tmp_path / "backup"))
        assert "received already" in refused


def test_full_disk_leaves_no_half_backup(stopped: Path, tmp_path: Path) -> None:
    """As a quota does: what is larger than 100 kB cannot be written."""
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
        "from venue.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "--data-dir", str(stopped), "backup", str(tmp_path / "b")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1] == f"no backup: {os.strerror(errno.EFBIG)}"
    assert not (tmp_path / "b").exists()


@contextmanager
def stuck_at_its_first_word(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `venue` command whose stderr takes nothing; killed -9 at the end."""
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"\n" * size)
    process = subprocess.Popen([sys.executable, "-P", "-m", "venue", *arguments], stderr=writer)
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)
        os.close(reader)
        os.close(writer)


def test_backup_that_was_killed_is_no_backup_and_says_so(stopped: Path, tmp_path: Path) -> None:
    directory = tmp_path / "backup"
    with stuck_at_its_first_word("backup", str(directory), "--data-dir", str(stopped)) as process:
        wait_for(lambda: (directory / "configuration" / "venue.toml").exists(), 60)
        assert process.poll() is None
    assert (directory / "backup.unfinished").exists()
    assert "was not finished" in why_not(tmp_path / "new", "restore", str(directory), "--yes")
    assert "was not finished: remove it first" in why_not(stopped, "backup", str(directory))
    shutil.rmtree(directory)
    backed_up(stopped, directory)


def test_restore_that_was_killed_is_no_venue_and_says_so(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    arguments = ("restore", str(backup), "--yes", "--data-dir", str(new))
    with stuck_at_its_first_word(*arguments) as process:
        wait_for(lambda: (new / "journal" / "origin.json").exists(), 60)
        assert process.poll() is None
    assert "is not an empty directory" in why_not(new, "restore", str(backup), "--yes")
    running = RunningTrading(new)
    assert "holds a restore that was not finished" in running.try_start()["error"]
    assert running.wait() == 2


def test_journal_whose_beginning_was_removed_is_backed_up_with_its_snapshots(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    journal = data_dir / "journal"
    journal.mkdir(parents=True)
    trading = Trading(journal, segment_bytes=1 << 14)
    try:
        trade(trading, "x", 120)
        trading.now += 10 * DAY_NS
        trade(trading, "y", 60)
        last = trading.writer.next_event_seq - 1
        replica_of(trading, days=1, consumed=last).follow(lambda: False)
    finally:
        trading.writer.close()
        forget_position(journal)
    assert list_segments(journal)[0].number > 1
    said: list[str] = []
    configuration = {"venue.toml": Path("venue.toml").resolve()}
    manifest = take_backup(data_dir, tmp_path / "backup", configuration, said.append)
    assert manifest.event_seq == last and manifest.first_event_seq > 1
    told = restored(tmp_path / "backup", tmp_path / "new")
    assert told["ledger_rebuilds"] is False and told["event_seq"] == last
    assert Desk(tmp_path / "new").json("replay")["digest"] == manifest.digest


def test_restored_directory_has_an_identity_of_its_own_and_tells_whose_it_was(
    stopped: Path, backup: Path, tmp_path: Path
) -> None:
    told = restored(backup, tmp_path / "new")
    identity = journal_identity(tmp_path / "new" / "journal")
    assert told["restored_journal"] == identity != told["journal"]
    assert told["journal"] == journal_identity(stopped / "journal")
    again = backed_up(tmp_path / "new", tmp_path / "of-the-restored")
    assert (again["journal"], again["ancestors"]) == (identity, [told["journal"]])
    assert again["digest"] == told["digest"]
    for path in (tmp_path / "new").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
