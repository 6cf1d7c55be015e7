"""`venue audit verify`: what it prints and its exit status."""

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.audit.events import audited
from venue.audit.chain import list_segments
from venue.audit.trail import Trail
from venue.cli.records.audit import app
from venue.data_directory import DataDirectory

runner = CliRunner()


def write(data_dir: Path, last: int) -> Path:
    trail = Trail(DataDirectory(data_dir).trail, DataDirectory(data_dir).heads)
    trail.append(audited(1, last))
    trail.sign()
    trail.close()
    return list_segments(DataDirectory(data_dir).trail)[-1]


def test_a_whole_trail_is_said_to_be_whole(tmp_path: Path) -> None:
    write(tmp_path, 5)
    result = runner.invoke(app, ["verify", "--data-dir", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("audit trail whole: 5 entries up to event 5; 2 signed heads")


def test_damage_is_one_line_on_stderr_and_status_1(tmp_path: Path) -> None:
    path = write(tmp_path, 5)
    path.write_bytes(path.read_bytes().replace(b"100.50", b"900.50", 1))
    result = runner.invoke(app, ["verify", "--data-dir", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("trail-000001.jsonl:1 event 1: changed: ")
    assert result.stderr.count("\n") == 1


def test_json_holds_verdict_and_problem(tmp_path: Path) -> None:
    path = write(tmp_path, 5)
    whole = runner.invoke(app, ["verify", "--json", "--data-dir", str(tmp_path)])
    assert json.loads(whole.stdout)["ok"] is True
    path.write_bytes(path.read_bytes().replace(b"100.50", b"900.50", 1))
    damaged = runner.invoke(app, ["verify", "--json", "--data-dir", str(tmp_path)])
    told = json.loads(damaged.stdout)
    assert damaged.exit_code == 1
    assert (told["ok"], told["problem"]["kind"], told["problem"]["line"]) == (False, "changed", 1)


def test_without_a_trail_it_says_so(tmp_path: Path) -> None:
    result = runner.invoke(app, ["verify", "--data-dir", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (1, f"no audit trail in {tmp_path}\n")
