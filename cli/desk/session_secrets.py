"""`venue session password` and `venue session key`: what a session proves itself with.

Parses, asks the running venue, prints. A password comes from the terminal without echo, or from
stdin; it is never an argument, never printed.
"""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue.admin.requests import SetKey, SetPassword
from venue.cli.desk.operator import ask
from venue.cli.json_output import print_json
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    confirm,
    data_dir_of,
    refuse,
    typed_password,
)

SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="CompID of the session.")]
AtOnceOption = Annotated[
    bool, typer.Option("--at-once", help="The old one ends now, not after the overlap.")
]
MustChangeOption = Annotated[
    bool,
    typer.Option("--must-change", help="The member has to choose another before it trades."),
]
_MOST_KEY_BYTES = 10_000


def password(
    context: typer.Context,
    name: SessionArgument,
    at_once: AtOnceOption = False,
    must_change: MustChangeOption = False,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Set the password of a session while the venue runs; nobody is logged out.

    It is asked for twice on a terminal, without echo, else read from the first line of stdin. The
    old one stays valid beside it for fix.password_overlap_hours. Lock-outs of the session end.
    """
    if at_once:
        confirm(f"end the old password of {name} now", yes or dry_run)
    request = SetPassword(
        name,
        typed_password(f"New password of {name}", twice=True),
        must_change,
        reason=reason,
        at_once=at_once,
        dry_run=dry_run,
    )
    _change(data_dir_of(context, data_dir), request, "password", as_json)


def key(
    context: typer.Context,
    name: SessionArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ed25519 public key: PEM or base64; - is stdin.")
    ],
    at_once: AtOnceOption = False,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Set the public key that checks the signed Logons of a session, while the venue runs.

    The old one stays valid beside it for fix.password_overlap_hours, and a key in venue.toml for
    as long as it stands there.
    """
    if at_once:
        confirm(f"end the old key of {name} now", yes or dry_run)
    request = SetKey(name, _read_key(file), reason=reason, at_once=at_once, dry_run=dry_run)
    _change(data_dir_of(context, data_dir), request, "public key", as_json)


def _change(data_dir: Path, request: SetPassword | SetKey, what: str, as_json: bool) -> None:
    answer = ask(data_dir, request)
    if as_json:
        told = {**msgspec.to_builtins(answer), "dry_run": request.dry_run}
        print_json(told)
        return
    sentence = answer.text.partition(" ")[2]
    if request.dry_run:
        typer.echo(f"the {what} of {request.session} would be set: {sentence}\nnothing was changed")
    else:
        typer.echo(f"the {what} of {request.session} is set: {sentence}")


def _read_key(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(_MOST_KEY_BYTES)
        return content.decode("ascii")
    except OSError as error:
        refuse(f"{file}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(f"{file} is no public key in PEM or base64")
