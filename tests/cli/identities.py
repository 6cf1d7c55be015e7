"""Operators with passwords at a desk: adding them, and who asks."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.operator_desk import Desk
from venue.admin.login_file import login_file

PASSWORD = "correct-horse"


def desk_without_login(
    data_dir: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A desk of an account that nobody is logged in at; operators that were added go again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    desk = Desk(data_dir)
    yield desk
    login_file(data_dir).unlink(missing_ok=True)
    for row in desk.json("operator", "list")["operators"]:
        if not row["built_in"]:
            desk.done("operator", "remove", row["name"])


def venue(
    desk: Desk, *arguments: str, typed: str = f"{PASSWORD}\n"
) -> subprocess.CompletedProcess[str]:
    """The command with something on stdin; that a busy machine is slow is not told."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "venue", "--data-dir", str(desk.data_dir), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = done.stderr.splitlines(keepends=True)
    done.stderr = "".join(line for line in told if "has not answered for" not in line)
    return done


def add(desk: Desk, name: str, role: str, *, typed: str = f"{PASSWORD}\n") -> None:
    done = venue(desk, "operator", "add", name, "--role", role, typed=typed)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout == f"operator {name} is added: {role}\n"


def you(desk: Desk) -> tuple[str, str]:
    answer = desk.json("operator", "list")
    return answer["you"], answer["role"]
