"""`venue journal adopt`: a copy goes on where it is, when somebody has said so."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.sequencer.builders import Trading
from venue.cli.records.journal import app
from venue.journal.durable import forget_position
from venue.journal.identity import JournalIsCopy, identify_journal, is_at_home, journal_identity
from venue.servers.lock import DataDirLock

runner = CliRunner()


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """The data directory of a copied journal."""
    original = tmp_path / "original"
    (original / "journal").mkdir(parents=True)
    trading = Trading(original / "journal")
    trading.log_on("ALPHA")
    trading.writer.close()
    copy = tmp_path / "copy"
    shutil.copytree(original, copy)
    yield copy
    forget_position(original / "journal")


def adopt(data_dir: Path, *options: str) -> Result:
    return runner.invoke(app, ["adopt", "--data-dir", str(data_dir), *options])


def test_copy_goes_on_where_it_is_once_it_is_adopted(copy: Path) -> None:
    with pytest.raises(JournalIsCopy):
        identify_journal(copy / "journal")
    done = adopt(copy, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    identity = journal_identity(copy / "journal")
    assert done.stdout == f"journal {identity} goes on in {copy / 'journal'}\n"
    identify_journal(copy / "journal")
    again = adopt(copy, "--json")
    assert json.loads(again.stdout) == {
        "ok": True,
        "journal": identity,
        "adopted": False,
        "dry_run": False,
    }


def test_dry_run_changes_nothing(copy: Path) -> None:
    done = adopt(copy, "--dry-run", "--json")
    assert json.loads(done.stdout)["adopted"] is True
    assert not is_at_home(copy / "journal")
    assert "would go on" in adopt(copy, "--dry-run").stdout


def test_journal_of_a_running_venue_is_left_alone(copy: Path) -> None:
    with DataDirLock(copy):
        refused = adopt(copy, "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"a venue runs in {copy}\n"
    assert not is_at_home(copy / "journal")


def test_what_is_no_journal_or_has_no_identity_is_refused_in_one_line(
    copy: Path, tmp_path: Path
) -> None:
    assert adopt(tmp_path / "nowhere").stderr == f"no journal in {tmp_path / 'nowhere'}\n"
    (copy / "journal" / "identity").unlink()
    refused = adopt(copy, "--yes")
    assert refused.exit_code == 1 and refused.stderr.count("\n") == 1
    assert "identity is missing" in refused.stderr
