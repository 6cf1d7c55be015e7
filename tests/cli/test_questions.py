"""Questions before something dangerous: Ctrl-C in one, the end of input, and nobody to ask."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.operator_desk import Desk
from tests.cli.terminal import at_terminal, shown_until
from tests.running import RunningTrading
from tests.servers.conditions import wait_for
from venue.cli.main import app

ASKING = [
    ("kill", "all"),
    ("day", "end"),
    ("trade", "bust", "M1"),
    ("withdraw", "ALPHA", "USD", "5", "--reference", "1"),
    ("session", "open"),
    ("operator", "remove", "bob"),
    ("session", "password", "ALPHA"),
    ("session", "password", "ALPHA", "--at-once"),
    ("operator", "login", "bob"),
    ("day", "start", "--date", "2999-01-01"),
]
CTRL_C, CTRL_D = b"\x03", b"\x04"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with RunningTrading(tmp_path_factory.mktemp("questions")) as running:
        yield Desk(running.data_dir)


def is_asleep(pid: int) -> bool:
    """Whether a process waits: of a command at its question, for the answer."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def at_its_question(data_dir: Path, key: bytes, *arguments: str) -> tuple[int, str, list[str]]:
    """Status, stdout and lines on the terminal of a command that gets a key at its question."""
    argv = [sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir), *arguments]
    with at_terminal(argv, keeps_output=True) as (process, terminal):
        shown_until(terminal, lambda text: text.endswith((b"? [y/N] ", b": ")))
        wait_for(lambda: is_asleep(process.pid))  # a signal just before the read would not end it
        os.write(terminal, key)
        output = process.communicate(timeout=60)[0].decode()
        shown = b""
        with suppress(OSError):  # all of it is read, and nobody writes any more
            while True:
                shown += os.read(terminal, 1000)
    lines = shown.decode().replace("^C", "").splitlines()
    return process.returncode, output, [line for line in lines if line.strip()]


@pytest.mark.parametrize("typed", ASKING, ids=" ".join)
def test_ctrl_c_in_a_question_is_status_130_one_line_and_nothing_done(
    desk: Desk, typed: tuple[str, ...]
) -> None:
    before = desk.everything()
    status, output, lines = at_its_question(desk.data_dir, CTRL_C, *typed)
    assert (status, output, lines) == (130, "", ["interrupted: nothing was changed"])
    assert desk.everything() == before


@pytest.mark.parametrize("typed", [("day", "end"), ("session", "password", "ALPHA")], ids=" ".join)
def test_end_of_input_in_a_question_is_a_no(desk: Desk, typed: tuple[str, ...]) -> None:
    status, output, lines = at_its_question(desk.data_dir, CTRL_D, *typed)
    assert (status, output, lines) == (1, "", ["nothing was changed"])


@pytest.mark.parametrize(
    "typed",
    [("day", "end"), ("trade", "bust", "M1"), ("session", "open"), ("operator", "remove", "bob"),
     ("withdraw", "ALPHA", "USD", "5", "--reference", "1"), ("day", "reopen"),
     ("trade", "correct", "M1", "--price", "9"), ("session", "key", "ALPHA", "x", "--at-once")],
    ids=" ".join,
)  # fmt: skip
def test_without_a_terminal_it_is_refused_until_yes_says_it(
    desk: Desk, typed: tuple[str, ...]
) -> None:
    before = desk.everything()
    arguments = ["--data-dir", str(desk.data_dir), *typed]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(": nothing was changed; --yes does it\n")
    assert result.stderr.count("\n") == 1
    assert desk.everything() == before
    again = CliRunner().invoke(app, [*arguments, "--yes"])
    assert "--yes does it" not in again.stderr
    desk.run("day", "reopen")


def test_what_only_stops_somebody_is_done_without_a_terminal(desk: Desk) -> None:
    for typed in (
        ("kill", "member", "DELTA"),
        ("member", "suspend", "DELTA"),
        ("session", "disable", "DELTA"),
        ("instrument", "disable", "INITECH"),
        ("order", "cancel-all", "--member", "DELTA"),
        ("member", "kyc", "DELTA", "rejected"),
    ):
        result = CliRunner().invoke(app, ["--data-dir", str(desk.data_dir), *typed])
        assert result.exit_code == 0, result.stderr
