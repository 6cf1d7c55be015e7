"""An expected message against the one that came: every tag, in words. Pure but for the bindings."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from venue.fix.names import Names
from venue.fixclient.message import Message
from venue.scenarios.placeholders import Played
from venue.scenarios.recording import NOT_KEPT
from venue.scenarios.scenario import Field, Said


class Difference(NamedTuple):
    """One thing that is not as the scenario has it. tag: 35 where it is another message."""

    tag: int
    text: str


def differences(said: Said, came: Message, played: Played, names: Names) -> list[Difference]:
    """What differs, in the order of the scenario, then what is too much. Binds ids that are new."""
    if said.msg_type != came.msg_type:
        why = came.get(58)
        got = f"{_message(came.msg_type, names)} came" + (f": {why}" if why else "")
        return [Difference(35, f"{_message(said.msg_type, names)} was expected, {got}")]
    found: list[Difference] = []
    there = [field for field in came.fields if field[0] not in NOT_KEPT]
    for tag in dict.fromkeys(tag for tag, _ in [*said.fields, *there]):
        for value, got in zip_longest(_values(said.fields, tag), _values(there, tag)):
            text = _difference(tag, value, got, played, names)
            if text is not None:
                found.append(Difference(tag, f"{names.field(tag)}({tag}): {text}"))
    return found


def _difference(
    tag: int, value: str | None, got: str | None, played: Played, names: Names
) -> str | None:
    if value is None:
        return f"came with {_value(tag, got, names)} and was not expected"
    if got is None:
        return f"{_value(tag, value, names)} was expected, it is not there"
    wanted = played.expected(value, got)
    if wanted is None:
        return None
    name = "" if wanted == value else f" {value}"
    return f"{_value(tag, wanted, names)}{name} was expected, {_value(tag, got, names)} came"


def _values(fields: Sequence[Field], tag: int) -> list[str]:
    return [value for own, value in fields if own == tag]


def _value(tag: int, value: str | None, names: Names) -> str:
    meaning = names.meaning(tag, value or "")
    return f"{value} {meaning}" if meaning else f"{value}"


def _message(msg_type: str, names: Names) -> str:
    return f"{names.message(msg_type)}({msg_type})"
