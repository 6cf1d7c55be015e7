"""What a configuration defines, what is in force instead, and which changes loosen a control.

Pure: compares configuration commands field by field.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from venue.domain.commands import (
    AddInstrument,
    AddMember,
    AddSession,
    AssignFees,
    ConfigurationCommand,
    SetFeeSchedule,
)
from venue.domain.decimal_text import parse_money
from venue.domain.fee_versions import FeeTier
from venue.domain.timetable import Timetable

_NOT_OF_THE_THING = ("operator", "reason", "kyc")
"""Fields that say who defined it, or that no configuration defines."""
_NAMED_BY: dict[type, str] = {
    AddInstrument: "symbol",
    AddMember: "member",
    AddSession: "session",
    AssignFees: "member",
    SetFeeSchedule: "schedule",
}
_HIGHER_IS_LOOSER = (
    "credit_limit",
    "max_open_orders",
    "max_order_qty",
    "max_order_value",
    "price_collar_percent",
    "dynamic_collar_percent",
    "messages_per_second",
    "repeated_executions",
)
_ZERO_IS_NONE = ("repeated_executions",)
_EMPTY_IS_ANY = ("accounts",)
"""Lists of what is allowed: an empty one allows everything."""
_SHOWN_WHOLE = 12
"""A longer list is told by its ends and its length."""
_LISTS_OF_CONTROLS = ("names", "commands")
"""Lists of what is stopped or held: to leave one out is looser."""


class Defined(msgspec.Struct, frozen=True):
    """A configuration command, and the fields of it that somebody has stated; None: all of them.

    The others count for what is new only: what is there keeps what it has.
    """

    command: ConfigurationCommand
    stated: tuple[str, ...] | None = None

    def over(self, in_force: ConfigurationCommand) -> ConfigurationCommand:
        """The command that changes what is in force to what is stated, and nothing else."""
        if self.stated is None:
            return self.command
        if isinstance(self.command, AddInstrument) and isinstance(in_force, AddInstrument):
            said = {name: getattr(self.command.definition, name) for name in self.stated}
            definition = msgspec.structs.replace(in_force.definition, **said)
            return msgspec.structs.replace(in_force, definition=definition)
        said = {name: getattr(self.command, name) for name in self.stated}
        return msgspec.structs.replace(in_force, **said)


class Difference(msgspec.Struct, frozen=True):
    """What is defined, and what is in force instead; None: there is nothing of that name yet."""

    wanted: ConfigurationCommand
    in_force: ConfigurationCommand | None


class Change(msgspec.Struct, frozen=True):
    """One field that differs, in words. old None: the thing is new. looser: less is stopped."""

    thing: str
    field: str
    old: str | None
    new: str
    looser: bool


def changes_of(difference: Difference) -> Iterator[Change]:
    """Each field in which the two differ; of something new each field that it has."""
    thing = " ".join(part for part in difference.wanted.key() if part)
    new = _fields(difference.wanted)
    old = None if difference.in_force is None else _fields(difference.in_force)
    for name, value in new.items():
        if old is None:
            if value not in ("", (), None):
                yield Change(thing, name, None, _words(name, value), looser=False)
        elif not _is_same(name, old[name], value):
            looser = _is_looser(name, old[name], value)
            yield Change(thing, name, _words(name, old[name]), _words(name, value), looser)


def _fields(command: ConfigurationCommand) -> dict[str, Any]:
    """What is defined of the thing, but for its name."""
    body = command.definition if isinstance(command, AddInstrument) else command
    besides = (*_NOT_OF_THE_THING, _NAMED_BY.get(type(command)))
    return {name: value for name, value in msgspec.structs.asdict(body).items()
            if name not in besides}  # fmt: skip


def _is_same(name: str, old: Any, new: Any) -> bool:
    return _limit(name, old) == _limit(name, new) if name in _HIGHER_IS_LOOSER else old == new


def _is_looser(name: str, old: Any, new: Any) -> bool:
    if name in _HIGHER_IS_LOOSER:
        return _limit(name, new) > _limit(name, old)
    if name in _EMPTY_IS_ANY:
        return bool(old) and (not new or not set(new) <= set(old))
    if name in _LISTS_OF_CONTROLS:
        return not set(old) <= set(new)
    return name == "funding" and new == "credit"


def _limit(name: str, value: Any) -> tuple[bool, int]:
    """The limit as something to compare; none at all is above every number."""
    if value in (None, "") or (name in _ZERO_IS_NONE and not value):
        return True, 0
    return False, parse_money(str(value)) or 0


def _words(name: str, value: Any) -> str:
    if isinstance(value, tuple) and len(value) > _SHOWN_WHOLE:
        return f"{', '.join(value[:2])} ... {value[-1]} ({len(value)})"
    if isinstance(value, tuple):
        return ", ".join(map(_word, value)) or ("any" if name in _EMPTY_IS_ANY else "none")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Timetable):
        return f"{value.hours.start} to {value.hours.end} {value.time_zone}"
    if value in (None, "") or (name in _ZERO_IS_NONE and not value):
        return "none"
    return str(value)


def _word(value: object) -> str:
    if isinstance(value, FeeTier):
        return f"from {value.from_volume} maker {value.maker_bps} taker {value.taker_bps}"
    return str(value)


__all__ = ["Change", "Defined", "Difference", "changes_of"]
