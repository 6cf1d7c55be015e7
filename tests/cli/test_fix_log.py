"""`venue fix log`: a session's latest messages, over files that were set aside, and what comes."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fix_message import frame
from venue.cli.broker.fix import app
from venue.journal.compressed import compress, compressed_path, plain_blocks


def log_line(cl_ord_id: str) -> str:
    text = frame([(35, "D"), (49, "ALPHA"), (11, cl_ord_id)]).decode().replace("\x01", "|")
    return f"2026-01-31T09:30:00.123456Z in {text}\n"


@pytest.fixture
def session_log(tmp_path: Path) -> Path:
    file = tmp_path / "logs" / "fix" / "ALPHA.log"
    file.parent.mkdir(parents=True)
    file.write_text("".join(log_line(f"c{number}") for number in range(5)))
    return file


def test_log_prints_the_latest_of_a_session(tmp_path: Path, session_log: Path) -> None:
    arguments = ["log", "--session", "ALPHA", "--lines", "2", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "c2" not in result.stdout
    assert result.stdout.index("c3") < result.stdout.index("c4")
    assert "2026-01-31T09:30:00.123456Z in  NewOrderSingle(D)" in result.stdout
    messages = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)["messages"]
    assert len(messages) == 2


def set_aside_of(session_log: Path) -> list[Path]:
    """Three older files of the log, two of them compressed."""
    made = []
    for number, letter in enumerate("xyz"):
        path = session_log.with_name(f"ALPHA.log.2026012{number}T000000.000000Z")
        path.write_text("".join(log_line(f"{letter}{each}") for each in range(3)))
        if letter != "z":
            compress(path, plain_blocks(path))
            path = compressed_path(path)
        made.append(path)
    return made


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (2, "c3 c4"),
        (6, "z2 c0 c1 c2 c3 c4"),
        (9, "y2 z0 z1 z2 c0 c1 c2 c3 c4"),
        (99, "x0 x1 x2 y0 y1 y2 z0 z1 z2 c0 c1 c2 c3 c4"),
    ],
)
def test_log_goes_back_over_files_that_were_set_aside(
    tmp_path: Path, session_log: Path, count: int, expected: str
) -> None:
    set_aside_of(session_log)
    arguments = ["log", "--session", "ALPHA", "--json", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, [*arguments, "--lines", str(count)])
    messages = json.loads(result.stdout)["messages"]
    fields = [field for message in messages for field in message["fields"] if field["tag"] == 11]
    assert " ".join(field["value"] for field in fields) == expected
    session_log.unlink()  # as just after it was set aside, before anything new came
    result = CliRunner().invoke(app, [*arguments, "--lines", "1"])
    assert "z2" in result.stdout


def test_damaged_log_is_one_line_and_decode_reads_a_compressed_one(
    tmp_path: Path, session_log: Path
) -> None:
    first, second, _ = set_aside_of(session_log)
    second.write_bytes(second.read_bytes()[:-1])
    arguments = ["log", "--session", "ALPHA", "--lines", "99", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("a log of ALPHA that was set aside is damaged: ")
    result = CliRunner().invoke(app, ["decode", str(first), "--json"])
    assert len(json.loads(result.stdout)["messages"]) == 3
    result = CliRunner().invoke(app, ["decode", str(second), "--json"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_log_of_unknown_session_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["log", "--session", "ZULU", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("no messages of session ZULU: ")


class Follower:
    """`venue fix log --follow --json` as a process; its lines come to `lines`."""

    def __init__(self, data_dir: Path) -> None:
        arguments = ["log", "--session", "ALPHA", "--lines", "1", "--follow", "--json"]
        arguments += ["--data-dir", str(data_dir)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from venue.cli.broker.fix import app; app()", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.guard = threading.Timer(20, self.process.kill)
        self.guard.start()

    def next_cl_ord_id(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "no more output"
        fields = json.loads(line)["fields"]
        return next(str(field["value"]) for field in fields if field["tag"] == 11)

    def close(self) -> None:
        self.guard.cancel()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def follower(tmp_path: Path, session_log: Path) -> Iterator[Follower]:
    follower = Follower(tmp_path)
    yield follower
    follower.close()


def test_follow_prints_what_is_added_also_over_a_rotation(
    session_log: Path, follower: Follower
) -> None:
    assert follower.next_cl_ord_id() == "c4"
    with session_log.open("a") as file:
        file.write(log_line("next")[:30])
        file.flush()
        file.write(log_line("next")[30:])
    assert follower.next_cl_ord_id() == "next"
    session_log.rename(session_log.with_suffix(".log.1"))
    session_log.write_text(log_line("rotated"))
    assert follower.next_cl_ord_id() == "rotated"
    follower.process.send_signal(2)
    assert follower.process.wait(10) == 0
