"""The table of commands: each is there, is documented, and loads no more than it needs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from venue.cli.command_table import COMMANDS
from venue.cli.main import app

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
HEAVY = ("sqlalchemy", "quickfix", "nats", "pydantic_settings", "rich", "venue.engine")
"""What a command that only asks the running venue has no use for."""


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_help_and_is_in_the_readme(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "--help" in result.stdout
    assert re.search(rf"`venue [a-z|\\]*\b{name}\b", README), f"the README does not name {name}"


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    listed = re.findall(r"^  ([a-z]+)  +[A-Z`]", result.stdout, re.MULTILINE)
    assert listed == list(COMMANDS)


def test_mistyped_command_is_wrong_use_with_the_right_one() -> None:
    result = CliRunner().invoke(app, ["kil"])
    assert result.exit_code == 2
    assert "kill" in result.stderr


@pytest.mark.parametrize(
    "typed", ["kill all", "revive member ALPHA", "halt ACME", "risk set ALPHA credit_limit=5",
              "approve H1", "deposit ALPHA USD 5", "session disable ALPHA", "day end"],
)  # fmt: skip
def test_command_in_a_hurry_loads_nothing_heavy(typed: str, tmp_path: Path) -> None:
    program = (
        "import sys; from cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: status = end.code\n"
        f"print(status, [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--data-dir", str(tmp_path), *typed.split()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "1 []\n"
    assert done.stderr == f"no venue is running in {tmp_path}\n"
