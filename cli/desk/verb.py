"""Commands of the command line built from what `venue.domain.verbs` declares.

Parses into the verb's command, asks where it has to be confirmed, sends it, prints what came.
"""

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
import typer

from venue.cli.completion import offer_for
from venue.cli.desk.operator import command
from venue.cli.options import (
    DataDirOption,
    DryRunOption,
    JsonOption,
    ReasonOption,
    YesOption,
    choice_of,
    confirm,
    data_dir_of,
    member_and_account,
    ratio_of,
)
from venue.domain.command import OperatorCommand
from venue.domain.verb import Argument, Option, Verb
from venue.domain.verbs import GROUPS, VERBS


def built(name: str) -> typer.Typer | Callable[..., None]:
    """What the root has of that name: a group of verbs, or the one verb."""
    for verb in VERBS:
        if verb.path == name:
            example = f"\n\nExample: {verb.example}"
            return _function(verb, inspect.cleandoc(verb.help) + example)
    app = typer.Typer(no_args_is_help=True)

    def callback() -> None:
        pass

    callback.__doc__ = GROUPS.get(name, name)
    app.callback()(callback)
    add_verbs(app, name)
    return app


def add_verbs(app: typer.Typer, group: str) -> None:
    """Add the verbs of a group behind what the application has."""
    for verb in VERBS:
        if verb.group == group:
            settings = {"ignore_unknown_options": verb.takes_negative}
            example = f"Example: {verb.example}"
            add = app.command(verb.name, epilog=example, context_settings=settings)
            add(_function(verb, verb.help))


def _function(verb: Verb, text: str) -> Callable[..., None]:
    def run(context: typer.Context, **typed: Any) -> None:
        wanted = _command(verb, typed)
        question = None if verb.asks is None else verb.asks(wanted)
        if question is not None:
            confirm(question, typed["yes"] or typed["dry_run"], stops=verb.stops)
        place = data_dir_of(context, typed["data_dir"])
        command(place, wanted, verb.done(wanted), typed["dry_run"], typed["as_json"])

    parameters = [
        _keyword("context", typer.Context),
        *(_taken(verb, each) for each in verb.takes),
        _keyword("reason", ReasonOption, ""),
        _keyword("dry_run", DryRunOption, False),
        _keyword("yes", YesOption, False),
        _keyword("as_json", JsonOption, False),
        _keyword("data_dir", DataDirOption, None),
    ]
    run.__doc__ = text
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _keyword(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _taken(verb: Verb, each: Argument | Option) -> inspect.Parameter:
    """A field as typer takes it; what the command has a default for may be left out."""
    (field,) = (one for one in msgspec.structs.fields(verb.command) if one.name == each.field)
    default: Any = ... if field.required else field.default
    kind: Any = field.type if field.type in (int, bool) else str
    if isinstance(each, Argument):
        if each.behind:
            kind = str
        parser = None
        if each.choices:
            made: Any = StrEnum
            kind = made(each.field, [(choice.upper(), choice) for choice in each.choices])
            parser = choice_of(kind)
        offer = offer_for(each.field, each.metavar)
        info = typer.Argument(
            ..., metavar=each.metavar, help=each.help, parser=parser, autocompletion=offer
        )
        return _keyword(each.field, kind, info)
    if each.is_needed:
        default = ...
    if each.many:
        kind, default = list[str], None
    elif default is None:
        kind = kind | None
    offer = offer_for(each.field, each.metavar)
    info = typer.Option(
        default, each.flag, metavar=each.metavar or None, help=each.help, autocompletion=offer
    )
    return _keyword(each.field, kind, info)


def _command(verb: Verb, typed: dict[str, Any]) -> OperatorCommand:
    """The verb's command as it was typed."""
    fields: dict[str, Any] = dict(verb.given)
    for each in verb.takes:
        value = typed[each.field]
        if isinstance(each, Option):
            fields[each.field] = tuple(value or ()) if each.many else value
        elif each.account:
            fields[each.field], fields[each.account] = member_and_account(value)
        elif each.behind:
            fields[each.field], fields[each.behind] = ratio_of(value)
        else:
            fields[each.field] = str(value) if each.choices else value
    kind: Callable[..., OperatorCommand] = verb.command
    return kind(**fields, reason=typed["reason"])
