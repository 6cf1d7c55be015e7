"""`venue config apply`: bringing into force what the configuration file states, and nothing else.

Parses, asks before a limit gets looser, sends, prints what was and what is.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec.structs import replace

from venue.admin.answers import ConfigurationAnswer, SessionChanges
from venue.admin.requests import ConfigurationQuery, ConfigureSessions, Submit
from venue.cli.desk.operator import ask, held_as, outcome
from venue.cli.json_output import print_json
from venue.cli.options import (
    HELD,
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    confirm,
    data_dir_of,
    ensure_config_is_named,
    wrong_use,
)
from venue.domain.commands import ConfigurationCommand
from venue.domain.configuration import Change, Difference, changes_of
from venue.printable import shown
from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import find_config
from venue.settings.settings import Settings, load_settings


def apply(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Configuration file.")] = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Bring instruments, members and sessions of the file into force in the running venue.

    Only what an entry of the file states is changed: other limits, set by venue risk set for
    example, stay. [risk] is for what is new. What was and what will be is shown, and a looser limit
    asks. Sessions are added, changed and removed without a new start, which nobody else notices.
    Funds move by deposit and withdraw only. What the file leaves out is named and stays in force:
    `venue instrument disable` and `venue member suspend` end it. Exit status 3 if a part of it
    waits for another operator.
    """
    directory = data_dir_of(context, data_dir, config)
    ensure_config_is_named(context, data_dir, config)
    settings = _read(config, directory)
    found = ask(directory, ConfigurationQuery(settings.defined()))
    differing = found.differences
    commands = [replace(each.wanted, reason=reason) for each in differing]
    of_sessions = ConfigureSessions(str(find_config(config).absolute()), dry_run, reason=reason)
    if dry_run:
        _print_rehearsal(directory, found, commands, of_sessions, as_json)
        return
    looser = [_line(each) for each in _changes(differing) if each.looser]
    if looser:
        confirm(f"{'; '.join(looser)}: go on", yes)
    held: list[str] = []
    applied: list[ConfigurationCommand] = []
    for command, difference in zip(commands, differing, strict=True):
        answer = ask(directory, Submit(command))
        waits = held_as(answer)
        if waits is None:
            applied.append(difference.wanted)
        else:
            held.append(waits)
        if not as_json:
            what = "; ".join(map(_line, changes_of(difference)))
            typer.echo(shown(outcome(f"applied {what}", answer)))
    sessions = ask(directory, of_sessions)
    if as_json:
        told = {"applied": msgspec.to_builtins(applied), **_told(found, sessions)}
        print_json({**told, "held": held} if held else told)
    else:
        _print_sessions(sessions, found, "is")
    if held:
        raise typer.Exit(HELD)


def _read(config: Path | None, data_dir: Path) -> Settings:
    try:
        return load_settings(config, (), data_dir)
    except ConfigurationError as error:
        wrong_use(str(error))


def _print_rehearsal(
    data_dir: Path,
    found: ConfigurationAnswer,
    commands: Sequence[ConfigurationCommand],
    of_sessions: ConfigureSessions,
    as_json: bool,
) -> None:
    from venue.cli.desk.rehearsal import print_rehearsal  # here, for it brings in the engine

    sessions = ask(data_dir, of_sessions)
    if not as_json:
        for change in _changes(found.differences):
            typer.echo(shown(f"would change {_line(change)}"))
    if found.differences or as_json:
        more = {"applied": [], **_told(found, sessions)}
        print_rehearsal(data_dir, commands, as_json, more)
    if not as_json:
        _print_sessions(sessions, found, "would be")


def _changes(differing: Sequence[Difference]) -> list[Change]:
    return [change for each in differing for change in changes_of(each)]


def _line(change: Change) -> str:
    """One change in words: `member ALPHA credit_limit 5000 -> 6000, looser`."""
    was = "new" if change.old is None else f"{change.old} ->"
    what = change.thing if change.field == change.thing else f"{change.thing} {change.field}"
    return f"{what} {was} {change.new}{', looser' if change.looser else ''}"


def _told(found: ConfigurationAnswer, sessions: SessionChanges) -> dict[str, Any]:
    of_sessions = msgspec.to_builtins(sessions)
    del of_sessions["ok"]
    return {
        "differences": msgspec.to_builtins([each.wanted for each in found.differences]),
        "changes": msgspec.to_builtins(_changes(found.differences)),
        "undefined": found.undefined,
        "sessions": of_sessions,
    }


def _print_sessions(sessions: SessionChanges, found: ConfigurationAnswer, be: str) -> None:
    """What has become of the sessions, and what the file does not define, a line each; one line
    when nothing differs at all."""
    of = {"added": sessions.added, "changed": sessions.changed, "removed": sessions.removed}
    for done, names in of.items():
        for name in names:
            typer.echo(f"session {name} {be} {done}")
    for key in sessions.waiting:
        typer.echo(f"takes a new start: {key}")
    for name in found.undefined:
        typer.echo(f"not in the file, stays in force: {name}")
    waits = sessions.waiting or found.undefined
    if not found.differences and not waits and not any(of.values()):
        typer.echo("the configuration file says what is in force")
