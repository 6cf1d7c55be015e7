"""The table of commands: each is there, is documented, and loads no more than it needs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from venue.admin.client import VenueUnreachable
from venue.cli.command_table import COMMANDS
from venue.cli.main import app

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
ONLY_READ = {
    "run", "demo", "use", "status", "alive", "top", "doctor", "upgrade",
    "book", "tail", "explain", "replay",
    "approvals",
    "portfolio", "ledger trial-balance", "ledger balances", "ledger verify", "ledger roles",
    "statement", "invoice", "endofday",
    "reader list", "reader permissions", "notify list", "notify test",
    "journal verify", "journal key",
    "journal show", "journal stats",
    "audit verify", "fix decode", "fix log", "dropcopy watch", "dropcopy listeners", "config show",
    "day status", "day timetable", "settle status", "settle fails", "settle calendar",
    "operator list", "operator login", "operator logout",
    "member list", "session list", "instrument list", "risk show", "risk dry-run", "risk replay",
    "fees list", "fees show",
    "order list", "order show", "trade list", "session show", "alerts", "live",
    "md trades", "md bars", "md sessions", "chart", "margin status",
    "sim do", "sim clear", "sim status", "record", "play",
    "reconcile", "breaks list", "breaks show", "user list", "user events", "user withdrawals",
}  # fmt: skip
"""Commands that ask a venue or a journal, are a venue, say who asks, or are clients for tests."""
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


def leaves(command: Any, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command by its path, with the options that it takes."""
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from leaves(each, f"{path} {name}".strip())
    else:
        yield path, {option for each in command.params for option in each.opts}


def test_yes_is_taken_by_every_command_that_changes_something() -> None:
    every = dict(leaves(typer.main.get_command(app)))
    assert set(every) >= ONLY_READ, "a command was renamed"
    take_yes = {path for path, options in every.items() if "--yes" in options}
    assert take_yes == set(every) - ONLY_READ
    assert not {path for path in ONLY_READ if "--reason" in every[path]}
    # nobody says by an option who he is; `user add --operator` says what another one is to be
    assert [path for path, options in every.items() if "--operator" in options] == ["user add"]


@pytest.mark.parametrize(
    "typed", ["halt ACME", "deposit ALPHA USD -5 --reference 1", "day end", "order cancel 7"]
)
def test_yes_where_nothing_is_asked_is_no_wrong_use(typed: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data-dir", str(tmp_path), *typed.split(), "--yes"])
    assert result.exit_code == 1
    assert isinstance(result.exception, VenueUnreachable)


def test_mistyped_command_is_wrong_use_with_the_right_one() -> None:
    result = CliRunner().invoke(app, ["kil"])
    assert result.exit_code == 2
    assert "kill" in result.stderr


@pytest.mark.parametrize(
    "typed", ["kill all", "revive member ALPHA", "halt ACME", "risk set ALPHA credit_limit=5",
              "approve H1", "deposit ALPHA USD 5 --reference 1", "session disable ALPHA",
              "day end --yes"],
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
