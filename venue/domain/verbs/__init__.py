"""The operator's verbs, a room for those that belong together: commands, events, words, sayings.

A room is a module here and one of the same name in venue.engine.control, which has the effects. It
is named in ROOMS, and nowhere else: unions, codec, engine, texts and command line follow from it.
A room may have WORDS (texts of its commands and events; else all fields are told), VERBS (how they
are said), and GROUPS (help of groups of commands that have nothing written by hand).
"""

from typing import Any, TypeVar, Union

from venue.domain.command import Command
from venue.domain.event import ControlEvent
from venue.domain.verb import Verb
from venue.domain.verbs import (
    access,
    admin,
    approvals,
    blocks,
    corporate_actions,
    day,
    defaults,
    fees,
    funding,
    histories,
    margin,
    onboarding,
    orders,
    session_life,
    settlement,
    trade_changes,
)
from venue.domain.words import Payload, Words, scalars

ROOMS = (
    admin,
    blocks,
    onboarding,
    session_life,
    histories,
    funding,
    day,
    orders,
    trade_changes,
    fees,
    settlement,
    corporate_actions,
    defaults,
    margin,
    approvals,
    access,
)

K = TypeVar("K")


def defined(base: type[K]) -> tuple[type[K], ...]:
    """Kinds of `base` that the rooms define."""
    return tuple(
        each
        for room in ROOMS
        for each in vars(room).values()
        if isinstance(each, type) and issubclass(each, base) and each.__module__ == room.__name__
    )


def union_of(base: type) -> Any:
    """One type for all kinds of `base`, which are told from each other by their JSON."""
    return Union[defined(base)]  # noqa: UP007  # of types that are found, not written


COMMANDS = defined(Command)
EVENTS = defined(ControlEvent)
VERBS: tuple[Verb, ...] = tuple(verb for room in ROOMS for verb in getattr(room, "VERBS", ()))
GROUPS: dict[str, str] = {
    name: text for room in ROOMS for name, text in getattr(room, "GROUPS", {}).items()
}
WORDS: dict[str, Words] = {
    kind.__name__: words for room in ROOMS for kind, words in getattr(room, "WORDS", {}).items()
}


def words_of(payload: Payload) -> str:
    """A command or event of an operator in words, from its JSON."""
    return WORDS.get(str(payload.get("type")), scalars)(payload)
