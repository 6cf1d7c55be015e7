"""What commands that change something have in common: who, why, dry run, and the answer's line.

Sends to the running venue over the admin socket and prints what came of it.
"""

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import refuse
from venue.admin.client import call

OperatorOption = Annotated[
    str, typer.Option("--operator", metavar="NAME", help="Who does this; kept in the journal.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the journal.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be asked; change nothing.")
]

YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def confirm(what: str, yes: bool) -> None:
    """Ask on a terminal before something dangerous; without a terminal nobody is asked."""
    if yes or not sys.stdin.isatty():
        return
    if not typer.confirm(f"{what}?", err=True):
        refuse("nothing was changed")


def operator_name(given: str) -> str:
    """The operator named by --operator, else the user of this machine."""
    return given or getpass.getuser()


def ask(data_dir: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Reply of the running venue; ends with status 1 and its one line when it refuses."""
    reply = call(data_dir, request)
    if not reply["ok"]:
        refuse(reply["error"])
    return reply


def print_done(done: str, reply: dict[str, Any], as_json: bool) -> None:
    """One line, or the reply as JSON."""
    typer.echo(json.dumps(reply) if as_json else done)


def command(data_dir: Path, body: dict[str, Any], done: str, dry_run: bool, as_json: bool) -> None:
    """Submit one command of the operator and print what came of it."""
    if dry_run:
        print_done(f"would: {done}", {"ok": True, "dry_run": True, "command": body}, as_json)
        return
    print_done(done, ask(data_dir, {"command": body}), as_json)
