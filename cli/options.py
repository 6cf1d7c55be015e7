"""What many commands share: options, the console, and the one way to refuse.

May know typer, rich and the settings' place of data; whatever it prints goes through `printable`.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from venue.cli.json_output import print_error
from venue.near_names import near_name
from venue.printable import shown
from venue.settings.configuration_error import ConfigurationError
from venue.settings.data_dir import REMEMBERED, VARIABLE, find_data_dir, look_for_data_dir

if TYPE_CHECKING:
    from rich.console import Console

    from venue.servers.runtime import RuntimeInfo

_WIDTH_OF_PIPES = 160
_RATIO_MAX = 16
E = TypeVar("E", bound=StrEnum)

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help=f"Where all data are kept. Else {VARIABLE}, else data_dir of venue.toml.",
        readable=False,
    ),
]
"""May be another account's, who lets pass to the admin socket only: `readable` asks for more."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]


def given_data_dir(context: typer.Context, value: Path | None) -> Path | None:
    """--data-dir, given behind the subcommand or before it; None: neither."""
    before: Path | None = context.find_root().params.get("data_dir")
    return before if value is None else value


def data_dir_of(context: typer.Context, value: Path | None, config: Path | None = None) -> Path:
    """The data directory: --data-dir, VENUE_DATA_DIR, or what the configuration file says.

    config: the file, where the command takes one. Ends with status 2 where the file cannot be read
    or another file stands in the directory's place.
    """
    try:
        place = find_data_dir(given_data_dir(context, value), config)
    except ConfigurationError as error:
        wrong_use(str(error))
    wrong = not_a_directory(place)
    if wrong is not None:
        wrong_use(wrong)
    return place


def ensure_config_is_named(context: typer.Context, value: Path | None, config: Path | None) -> None:
    """End with status 2 where the shipped configuration would be taken for a remembered venue's."""
    if config is None:
        found = look_for_data_dir(given_data_dir(context, value))
        if found.because == REMEMBERED:
            wrong_use(f"{found.path} has a configuration of its own: name it by --config")


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


def ratio_of(text: str) -> tuple[int, int]:
    """Both numbers of a ratio like 2:1. Ends with status 2 for what is none."""
    first, _, behind = text.partition(":")
    if not (text.isascii() and first.isdigit() and behind.isdigit()) or len(text) > _RATIO_MAX:
        wrong_use(f"{text!r} is no ratio of two whole numbers, like 2:1")
    return int(first), int(behind)


def choice_of(kind: type[E]) -> Callable[[str], E]:
    """Parser of an option or argument that is one of a few words; names them for another one."""

    def parse(text: str) -> E:
        if text in list(kind):
            return kind(text)
        near = near_name(text, kind)
        hint = "" if near is None else f"; did you mean {near}?"
        raise typer.BadParameter(f"{text!r} is none of {', '.join(kind)}{hint}")

    return parse


def running_in(data_dir: Path, instead: str = "") -> "RuntimeInfo":
    """The venue that runs there; ends with status 1 where none does, saying what to do instead."""
    from venue.servers import ServerError
    from venue.servers.runtime import find_running

    try:
        running = find_running(data_dir)
    except ServerError as error:
        refuse(str(error))
    return running or refuse(f"no venue is running in {data_dir}{instead}")


HELD = 3
"""Exit status of a command that is not done yet: another operator has to approve it."""


def refuse(why: str) -> NoReturn:
    """End with status 1 and one line on stderr; with --json also as an object."""
    end_with(why, 1)


def wrong_use(why: str) -> NoReturn:
    """End with status 2 and one line on stderr: wrong use, or a configuration that is none."""
    end_with(why, 2)


def end_with(why: str, exit_status: int) -> NoReturn:
    """End with that status and one line on stderr; with --json also as an object on stdout."""
    typer.echo(shown(why, keep="\n"), err=True)
    print_error(why, exit_status)
    raise typer.Exit(exit_status)


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


INTERRUPTED = 130
"""Exit status of a command that was stopped by Ctrl-C in a question."""


def confirm(what: str, yes: bool, *, stops: bool = False) -> None:
    """Ask on a terminal before something dangerous.

    Without a terminal nobody can be asked: it is refused until --yes is given. What only stops
    somebody (stops) is done: it must not fail for want of an answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        if stops:
            return
        refuse(f"{what}: nothing was changed; --yes does it")
    with _interruptible():
        typer.echo(f"{what}? [y/N] ", err=True, nl=False)
        answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        refuse("nothing was changed")


def typed_password(prompt: str, *, twice: bool, what: str = "password") -> str:
    """A password, or `what`: typed without echo on a terminal, else the first line of stdin."""
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().rstrip("\r\n")
        return typed or refuse(f"no {what} came on stdin; nothing was changed")
    with _interruptible():
        while not (typed := getpass(f"{prompt}: ")):
            pass
        if twice and getpass("Repeat it: ") != typed:
            refuse("they differ; nothing was changed")
    return typed


@contextmanager
def _interruptible() -> Iterator[None]:
    """A question: Ctrl-C ends the command with status INTERRUPTED, the end of input with 1."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(err=True)
        end_with("interrupted: nothing was changed", INTERRUPTED)
    except EOFError:
        refuse("nothing was changed")


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
