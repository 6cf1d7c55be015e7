"""What the rooms of verbs declare fits together: commands, fields, words, effects."""

import re

import msgspec
import pytest

from tests.domain.samples import full
from venue.domain.command import ActionCommand, OperatorCommand
from venue.domain.commands import NoteDenial, NoteOperator, NoteSecret, ResetSession
from venue.domain.verb import Argument, Verb
from venue.domain.verbs import COMMANDS, EVENTS, VERBS, WORDS, words_of
from venue.engine.control.effects import EFFECTS, all_effects

BY_PATH = {verb.path: verb for verb in VERBS}


def test_every_command_has_one_effect_and_no_effect_is_of_another() -> None:
    assert set(all_effects()) == set(COMMANDS) == set(EFFECTS)


def test_commands_are_an_operators_but_for_what_the_venue_writes_itself() -> None:
    own = {kind for kind in COMMANDS if not issubclass(kind, OperatorCommand)}
    assert own == {ResetSession, NoteDenial, NoteOperator, NoteSecret}
    for kind in COMMANDS:
        assert {"operator", "reason"} <= {*kind.__struct_fields__}, kind


def test_approving_is_never_held_itself() -> None:
    never = {kind.__name__ for kind in COMMANDS if not issubclass(kind, ActionCommand)}
    own = {"ResetSession", "NoteDenial", "NoteOperator", "NoteSecret"}
    assert never == {"Approve", "Decline", *own}


def test_words_are_of_commands_and_events_that_there_are() -> None:
    assert {*WORDS} <= {kind.__name__ for kind in (*COMMANDS, *EVENTS)}


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_can_be_told_in_words(kind: type[OperatorCommand]) -> None:
    assert full(kind).reason in words_of(msgspec.to_builtins(full(kind)))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.path)
def test_verb_takes_fields_of_its_command_and_all_that_it_needs(verb: Verb) -> None:
    taken = [each.field for each in verb.takes] + [*verb.given]
    arguments = [each for each in verb.takes if isinstance(each, Argument)]
    taken += [name for each in arguments for name in (each.account, each.behind) if name]
    fields = {field.name: field for field in msgspec.structs.fields(verb.command)}
    assert len(taken) == len({*taken}) and {*taken} <= {*fields}
    assert {name for name, field in fields.items() if field.required} <= {*taken}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.path)
def test_verb_is_called_by_its_path_and_says_what_was_done(verb: Verb) -> None:
    assert re.fullmatch(r"[a-z]+( [a-z-]+)?", verb.path)
    assert verb.example.startswith(f"venue {verb.path}")
    assert verb.done(full(verb.command))
    assert verb.asks is None or verb.asks(full(verb.command))


def test_no_two_verbs_are_called_the_same() -> None:
    assert len(BY_PATH) == len(VERBS)
