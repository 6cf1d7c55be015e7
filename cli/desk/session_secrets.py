"""`venue session password` and `venue session key`: what a session proves itself with.

Parses, asks the running venue, prints. A password comes from the terminal without echo, or from
stdin; it is never an argument, never printed.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from venue.cli.desk.operator import ask, print_done
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    OperatorOption,
    ReasonOption,
    YesOption,
    confirm,
    data_dir_of,
    operator_name,
    refuse,
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
    operator: OperatorOption = "",
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
    request = {"set_password": name, "password": _typed(name), "must_change": must_change}
    _change(data_dir_of(context, data_dir), request, name, "password", at_once, dry_run,
            operator, reason, as_json)  # fmt: skip


def key(
    context: typer.Context,
    name: SessionArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ed25519 public key: PEM or base64; - is stdin.")
    ],
    at_once: AtOnceOption = False,
    operator: OperatorOption = "",
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
    request = {"set_key": name, "public_key": _read_key(file)}
    _change(data_dir_of(context, data_dir), request, name, "public key", at_once, dry_run,
            operator, reason, as_json)  # fmt: skip


def _change(
    data_dir: Path,
    request: dict[str, Any],
    name: str,
    what: str,
    at_once: bool,
    dry_run: bool,
    operator: str,
    reason: str,
    as_json: bool,
) -> None:
    who = {"operator": operator_name(operator), "reason": reason}
    reply = ask(data_dir, {**request, **who, "at_once": at_once, "dry_run": dry_run})
    sentence = reply["text"].partition(" ")[2]
    if dry_run:
        done = f"the {what} of {name} would be set: {sentence}\nnothing was changed"
    else:
        done = f"the {what} of {name} is set: {sentence}"
    print_done(done, {**reply, "dry_run": dry_run}, as_json)


def _typed(name: str) -> str:
    if sys.stdin.isatty():
        return str(
            typer.prompt(
                f"New password of {name}", hide_input=True, confirmation_prompt=True, err=True
            )
        )
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        refuse("no password came on stdin; nothing was changed")
    return typed


def _read_key(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            content = stream.read(_MOST_KEY_BYTES)
        return content.decode("ascii")
    except OSError as error:
        refuse(f"{file}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(f"{file} is no public key in PEM or base64")
