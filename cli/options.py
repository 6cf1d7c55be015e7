"""What many commands share: options, the console, and the one way to refuse.

May know typer and rich only; whatever it prints goes through `printable`.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from venue.printable import shown

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_DATA_DIR = Path(".venue")
_WIDTH_OF_PIPES = 160

DataDirOption = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Where all data are kept.", readable=False),
]
"""May be another account's, who lets pass to the admin socket only: `readable` asks for more."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def data_dir_of(context: typer.Context, value: Path | None) -> Path:
    """The data directory: given behind the subcommand, before it, or the default.

    Ends with status 2 where a file stands in its place.
    """
    before: Path | None = context.find_root().params.get("data_dir")
    place = next(each for each in (value, before, DEFAULT_DATA_DIR) if each is not None)
    wrong = not_a_directory(place)
    if wrong is not None:
        wrong_use(wrong)
    return place


def not_a_directory(path: Path) -> str | None:
    """Why there is no data directory of that path, and can be none; None where there may be."""
    try:
        for each in (path, *path.parents):
            if each.exists():
                what = "is a file" if each == path else f"cannot be, for {each} is a file"
                return None if each.is_dir() else f"{path} {what}: a data directory is meant"
    except OSError:  # it cannot be looked at: who opens it says why
        pass
    return None


def iso_day(text: str) -> str:
    """The date, as it is written; ends with status 2 for one that the calendar does not have."""
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    if day != text:
        wrong_use(f"{text!r} is no date YYYY-MM-DD")
    return text


def member_and_account(text: str) -> tuple[str, str]:
    """Both halves of MEMBER[/ACCOUNT]; the account may be empty. Ends with status 2 for neither."""
    member, slash, account = text.partition("/")
    if not member or (slash and not account):
        wrong_use(f"{text!r} is not MEMBER or MEMBER/ACCOUNT")
    return member, account


HELD = 3
"""Exit status of a command that is not done yet: another operator has to approve it."""


def refuse(why: str) -> NoReturn:
    """End with status 1 and one line on stderr."""
    typer.echo(shown(why, keep="\n"), err=True)
    raise typer.Exit(1)


def wrong_use(why: str) -> NoReturn:
    """End with status 2 and one line on stderr: wrong use, or a configuration that is none."""
    typer.echo(shown(why, keep="\n"), err=True)
    raise typer.Exit(2)


def console() -> "Console":
    """Console on stdout: as wide as the terminal, wide enough for every table in a pipe."""
    from rich.console import Console  # here, for most commands print no table

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_PIPES)


ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the journal.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would happen; change nothing.")
]

YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]

ANSWER_SECONDS = 1.0


def confirm(what: str, yes: bool) -> None:
    """Ask on a terminal before something dangerous; without a terminal nobody is asked."""
    if yes or not sys.stdin.isatty():
        return
    typer.echo(f"{what}? [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        refuse("nothing was changed")


def typed_password(prompt: str, *, twice: bool) -> str:
    """A password: typed without echo on a terminal, else the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        refuse("no password came on stdin; nothing was changed")
    return typed


@contextmanager
def said_when_slow(what: str) -> Iterator[None]:
    """Say a line on stderr if what is done inside takes longer than ANSWER_SECONDS."""
    notice = threading.Timer(ANSWER_SECONDS, typer.echo, (what,), {"err": True})
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()
