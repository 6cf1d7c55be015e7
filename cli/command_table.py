"""`venue`'s commands by name, and where each is defined; modules are imported when asked for.

So that a kill does not wait for the database driver, which it has no use for.
"""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from venue.cli.completion import add_offers
from venue.cli.json_output import begin, print_error
from venue.domain.verbs import GROUPS, VERBS


class Place(NamedTuple):
    """Where a command is: a function, or the application of a group of commands.

    does: its line in the help of all commands, which loads none of them; of verbs it is their own.
    """

    module: str
    name: str
    does: str = ""


_WRONG_USE: Any = typer.BadParameter.__base__
"""What typer raises for every mistyped command line; it has no public name of its own."""
VERB = Place("venue.cli.desk.verb", "built")
"""Of commands that are built from their declaration."""

COMMANDS: dict[str, Place] = {
    "run": Place("venue.cli.run", "run", "Run the venue until Ctrl-C or SIGTERM."),
    "demo": Place(
        "venue.cli.screen.demo",
        "demo",
        "A whole venue in a scratch directory, with simulated brokers and a screen.",
    ),
    "init": Place(
        "venue.cli.desk.init", "init", "A commented configuration of your own, in a directory."
    ),
    "use": Place("venue.cli.desk.use", "use", "Remember a data directory for all commands."),
    "status": Place(
        "venue.cli.desk.status", "status", "Is it up, how far is each process, who is logged on."
    ),
    "alive": Place(
        "venue.cli.desk.alive", "alive", "Whether a process comes round, for probes of containers."
    ),
    "alerts": Place(
        "venue.cli.desk.alerts",
        "alerts",
        "What somebody has to look at now, and what alerted last.",
    ),
    "top": Place("venue.cli.screen.top", "top", "Rates and lag of each process, live or once."),
    "doctor": Place(
        "venue.cli.desk.doctor",
        "doctor",
        "What is wrong with machine, configuration and data, and what to do.",
    ),
    "upgrade": Place(
        "venue.cli.desk.upgrade",
        "upgrade",
        "Which formats lie there, and what the next start of this version makes of them.",
    ),
    "live": Place("venue.cli.screen.attached", "live", "The live screen of the running venue."),
    "book": Place(
        "venue.cli.screen.book", "book", "The order book of an instrument, now or as it was."
    ),
    "tail": Place("venue.cli.screen.tail", "tail", "What happens, as it happens."),
    "md": Place("venue.cli.screen.md", "app", "Public trades and bars; who reads them over FIX."),
    "chart": Place("venue.cli.screen.chart", "chart", "Price and volume in the terminal."),
    "explain": Place(
        "venue.cli.records.explain",
        "explain",
        "An order's whole story, with the check that refused it.",
    ),
    "replay": Place(
        "venue.cli.records.replay",
        "replay",
        "Execute recorded commands again and compare every event.",
    ),
    "order": Place(
        "venue.cli.broker.order", "app", "Orders of members: list, show, enter, change, cancel."
    ),
    "kill": VERB,
    "revive": VERB,
    "halt": VERB,
    "resume": VERB,
    "member": Place(
        "venue.cli.desk.member", "app", "Members: add, suspend, resume, default, list, KYC."
    ),
    "session": Place(
        "venue.cli.desk.session",
        "app",
        "FIX sessions: list, show, log out, disable, reset; passwords and keys.",
    ),
    "instrument": Place("venue.cli.desk.instrument", "app", "Instruments: add, list, disable."),
    "risk": Place(
        "venue.cli.desk.risk",
        "app",
        "Limits and what is used of them; what an order would come to.",
    ),
    "margin": Place(
        "venue.cli.desk.margin", "app", "What accounts are covered with; margin calls."
    ),
    "day": Place("venue.cli.desk.day", "app", "Start and end the trading day; its timetable."),
    "settle": Place(
        "venue.cli.desk.settle",
        "app",
        "Settlement: run a cycle, what is due, what failed, the calendar.",
    ),
    "trade": Place("venue.cli.desk.trade", "app", "Trades: list, bust, correct."),
    "deposit": VERB,
    "withdraw": VERB,
    "transfer": VERB,
    "reverse": VERB,
    "fees": Place(
        "venue.cli.desk.fees",
        "app",
        "Fees: schedules, who trades by which, what a member pays now.",
    ),
    "approvals": Place(
        "venue.cli.desk.approvals", "approvals", "Commands that wait for a second operator."
    ),
    "approve": VERB,
    "decline": VERB,
    "operator": Place(
        "venue.cli.desk.operators", "app", "Who may operate the venue; log in and out."
    ),
    "ledger": Place("venue.cli.records.ledger", "app", "The double-entry ledger in PostgreSQL."),
    "statement": Place(
        "venue.cli.records.statement", "statement", "A member's statement of account for a day."
    ),
    "invoice": Place("venue.cli.records.invoice", "invoice", "A member's fee invoice for a month."),
    "endofday": Place(
        "venue.cli.records.end_of_day",
        "endofday",
        "Files of a business day: trades, obligations, fees ...",
    ),
    "reconcile": Place(
        "venue.cli.records.reconcile",
        "reconcile_command",
        "Whether all that the venue keeps says the same, to the unit.",
    ),
    "breaks": Place(
        "venue.cli.records.breaks", "app", "What reconciliation has found: list, assign, close."
    ),
    "portfolio": Place(
        "venue.cli.records.portfolio",
        "portfolio",
        "A member's positions: quantity, cost, P&L; balances with what is reserved.",
    ),
    "config": Place("venue.cli.desk.config", "app", "Show the configuration, apply it."),
    "journal": Place(
        "venue.cli.records.journal", "app", "The journal: the record of all that happened."
    ),
    "backup": Place(
        "venue.cli.records.backup", "backup", "A checked copy of what cannot be made again."
    ),
    "restore": Place(
        "venue.cli.records.restore", "restore", "Make a new data directory from a backup."
    ),
    "audit": Place(
        "venue.cli.records.audit", "app", "The audit trail: hash-chained, with signed heads."
    ),
    "fix": Place("venue.cli.broker.fix", "app", "Read FIX messages with names and enumerations."),
    "dropcopy": Place(
        "venue.cli.screen.dropcopy",
        "app",
        "Drop copies: refill, watch; who listens over FIX, from where on.",
    ),
    "reader": Place(
        "venue.cli.desk.reader", "app", "Who reads drop copies and market data on NATS."
    ),
    "user": Place(
        "venue.cli.desk.user", "app", "Users of the gateway, their logins and withdrawals."
    ),
    "notify": Place(
        "venue.cli.desk.notify", "app", "Where members are told of what: webhook, mail, chat."
    ),
    "sim": Place(
        "venue.cli.broker.sim",
        "app",
        "A counterparty that misbehaves on demand, for tests of a FIX engine.",
    ),
    "record": Place(
        "venue.cli.broker.scenario",
        "record",
        "Keep what sessions said as a scenario, to be played.",
    ),
    "play": Place(
        "venue.cli.broker.scenario", "play", "Play a scenario at a venue and compare each answer."
    ),
    "bench": Place("venue.cli.broker.bench", "app", "Measure a running venue."),
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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, does(name)) for name in COMMANDS])

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Begin a command line; what is wrong with it is an object too where --json stands."""
        begin(is_wanted="--json" in args)
        with _wrong_use_as_json():
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        with _wrong_use_as_json():
            return super().invoke(ctx)


def does(name: str) -> str:
    """What a command does, in a line."""
    place = COMMANDS[name]
    if place is not VERB:
        return place.does
    verb = next((each for each in VERBS if each.path == name), None)
    text = GROUPS[name] if verb is None else verb.help
    return inspect.cleandoc(text).partition("\n\n")[0].replace("\n", " ")


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
    add_offers(found)
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
