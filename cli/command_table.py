"""`venue`'s commands by name, and where each is defined; modules are imported when asked for.

So that a kill does not wait for the database driver, which it has no use for.
"""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup


class Place(NamedTuple):
    """Where a command is: a function, or the application of a group of commands."""

    module: str
    name: str
    takes_negative: bool = False
    """Whether `-5` may be an argument: a number to be refused for what it is, not an option."""


COMMANDS: dict[str, Place] = {
    "run": Place("cli.run", "run"),
    "demo": Place("cli.demo", "demo"),
    "status": Place("cli.status", "status"),
    "book": Place("cli.book", "book"),
    "tail": Place("cli.tail", "tail"),
    "explain": Place("cli.explain", "explain"),
    "replay": Place("cli.replay", "replay"),
    "order": Place("cli.order", "app"),
    "kill": Place("cli.kill", "kill_app"),
    "revive": Place("cli.kill", "revive_app"),
    "halt": Place("cli.instrument", "halt"),
    "resume": Place("cli.instrument", "resume"),
    "member": Place("cli.member", "app"),
    "session": Place("cli.session", "app"),
    "instrument": Place("cli.instrument", "app"),
    "risk": Place("cli.risk", "app"),
    "day": Place("cli.day", "app"),
    "trade": Place("cli.trade", "app"),
    "deposit": Place("cli.funds", "deposit", takes_negative=True),
    "withdraw": Place("cli.funds", "withdraw", takes_negative=True),
    "approvals": Place("cli.approvals", "approvals"),
    "approve": Place("cli.approvals", "approve"),
    "decline": Place("cli.approvals", "decline"),
    "ledger": Place("cli.ledger", "app"),
    "config": Place("cli.config", "app"),
    "journal": Place("cli.journal", "app"),
    "audit": Place("cli.audit", "app"),
    "fix": Place("cli.fix", "app"),
    "dropcopy": Place("cli.dropcopy", "app"),
    "bench": Place("cli.bench", "app"),
}


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


def _command(name: str, place: Place) -> Any:
    """The command as it would be, had it been added to the root at once."""
    found = getattr(importlib.import_module(place.module), place.name)
    root = typer.Typer(rich_markup_mode=None)
    root.callback()(_nothing)
    if isinstance(found, typer.Typer):
        root.add_typer(found, name=name)
    else:
        settings = {"ignore_unknown_options": place.takes_negative}
        root.command(name, context_settings=settings)(found)
    group = typer.main.get_command(root)
    assert isinstance(group, TyperGroup)
    return group.commands[name]


def _nothing() -> None:
    """What the root of a single command does."""
