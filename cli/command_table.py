"""`venue`'s commands by name, and where each is defined; modules are imported when asked for.

So that a kill does not wait for the database driver, which it has no use for.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from venue.cli.json_output import begin, print_error
from venue.domain.verbs import VERBS


class Place(NamedTuple):
    """Where a command is: a function, or the application of a group of commands."""

    module: str
    name: str


_WRONG_USE: Any = typer.BadParameter.__base__
"""What typer raises for every mistyped command line; it has no public name of its own."""
VERB = Place("venue.cli.desk.verb", "built")
"""Of commands that are built from their declaration."""

COMMANDS: dict[str, Place] = {
    "run": Place("venue.cli.run", "run"),
    "demo": Place("venue.cli.screen.demo", "demo"),
    "status": Place("venue.cli.desk.status", "status"),
    "alerts": Place("venue.cli.desk.alerts", "alerts"),
    "live": Place("venue.cli.screen.attached", "live"),
    "book": Place("venue.cli.screen.book", "book"),
    "tail": Place("venue.cli.screen.tail", "tail"),
    "explain": Place("venue.cli.records.explain", "explain"),
    "replay": Place("venue.cli.records.replay", "replay"),
    "order": Place("venue.cli.broker.order", "app"),
    "kill": VERB,
    "revive": VERB,
    "halt": VERB,
    "resume": VERB,
    "member": Place("venue.cli.desk.member", "app"),
    "session": Place("venue.cli.desk.session", "app"),
    "instrument": Place("venue.cli.desk.instrument", "app"),
    "risk": Place("venue.cli.desk.risk", "app"),
    "day": Place("venue.cli.desk.day", "app"),
    "trade": Place("venue.cli.desk.trade", "app"),
    "deposit": VERB,
    "withdraw": VERB,
    "approvals": Place("venue.cli.desk.approvals", "approvals"),
    "approve": VERB,
    "decline": VERB,
    "operator": Place("venue.cli.desk.operators", "app"),
    "ledger": Place("venue.cli.records.ledger", "app"),
    "config": Place("venue.cli.desk.config", "app"),
    "journal": Place("venue.cli.records.journal", "app"),
    "backup": Place("venue.cli.records.backup", "backup"),
    "restore": Place("venue.cli.records.restore", "restore"),
    "audit": Place("venue.cli.records.audit", "app"),
    "fix": Place("venue.cli.broker.fix", "app"),
    "dropcopy": Place("venue.cli.screen.dropcopy", "app"),
    "reader": Place("venue.cli.desk.reader", "app"),
    "bench": Place("venue.cli.broker.bench", "app"),
}
"""In the order of the help; verbs that are not named here come behind."""
COMMANDS.update({verb.root: VERB for verb in VERBS if verb.root not in COMMANDS})

_TAKE_NEGATIVE = frozenset(verb.path for verb in VERBS if verb.takes_negative)


class LoadedOnDemand(Mapping[str, Any]):
    """Commands by name, as typer builds them, each when it is first looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _command(name, COMMANDS[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class CommandGroup(TyperGroup):
    """The root of the command line."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LoadedOnDemand()  # type: ignore[assignment]  # nobody adds to it

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Begin a command line; what is wrong with it is an object too where --json stands."""
        begin(is_wanted="--json" in args)
        with _wrong_use_as_json():
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        with _wrong_use_as_json():
            return super().invoke(ctx)


@contextmanager
def _wrong_use_as_json() -> Iterator[None]:
    try:
        yield
    except _WRONG_USE as error:
        print_error(error.format_message(), 2)
        raise


def _command(name: str, place: Place) -> Any:
    """The command as it would be, had it been added to the root at once."""
    found = getattr(importlib.import_module(place.module), place.name)
    if place is VERB:
        found = found(name)
    root = typer.Typer(rich_markup_mode=None)
    root.callback()(_nothing)
    if isinstance(found, typer.Typer):
        root.add_typer(found, name=name)
    else:
        settings = {"ignore_unknown_options": name in _TAKE_NEGATIVE}
        root.command(name, context_settings=settings)(found)
    group = typer.main.get_command(root)
    assert isinstance(group, TyperGroup)
    return group.commands[name]


def _nothing() -> None:
    """What the root of a single command does."""
