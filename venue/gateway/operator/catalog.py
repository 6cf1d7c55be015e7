"""What operators can have done, by the words of the command line: `trade bust`, `halt`, `risk set`.

Made from the verbs that the domain declares, and of the few commands that the command line says by
hand. Turns a JSON body into a command; decides nothing.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from venue.domain.command import OperatorCommand
from venue.domain.commands import AdminCommand
from venue.domain.verb import NOTHING, Argument, Option, Verb
from venue.domain.verbs import VERBS
from venue.domain.verbs.admin import AddInstrument, AddMember, SetLimits
from venue.domain.verbs.day import StartDay
from venue.domain.verbs.fees import SetFeeSchedule
from venue.domain.verbs.orders import CancelByOperator, EnterByOperator, ReplaceByOperator
from venue.domain.verbs.settlement import SettleObligations
from venue.gateway.problems import Code, Problem
from venue.gateway.strict_json import decoded

_BY_THE_VENUE = ("operator", "uid", "owner")
"""Fields that say who asked: trading writes them, and nobody else."""
_BY_HAND: tuple[tuple[str, type[OperatorCommand], str], ...] = (
    ("risk set", SetLimits, "Change limits of a member or account; null takes one away."),
    ("day start", StartDay, "Open a trading day after the last one."),
    ("settle run", SettleObligations, "Settle what is due by a date; by today without one."),
    ("order new", EnterByOperator, "Enter an order on behalf of a session."),
    ("order cancel", CancelByOperator, "Cancel an order."),
    ("order replace", ReplaceByOperator, "Change quantity or price of an order."),
    ("member add", AddMember, "Add a member, or give one other terms."),
    ("fees set", SetFeeSchedule, "Give a fee schedule a version."),
    ("instrument add", AddInstrument, "Add an instrument, or give one other terms."),
)
"""What the command line says by functions of its own: path, command, help."""


class Field(NamedTuple):
    """A field of a body. choices: what it may be; none: anything."""

    name: str
    is_needed: bool
    help: str
    choices: tuple[str, ...]


class Act(NamedTuple):
    """What can be done. path: words of the command line. given: fields that the path says."""

    path: str
    command: type[OperatorCommand]
    help: str
    fields: tuple[Field, ...]
    given: Mapping[str, str] = NOTHING
    verb: Verb | None = None

    def made_of(self, body: bytes) -> AdminCommand:
        """The command of a JSON body. Raises Problem BAD_REQUEST."""
        try:
            said = decoded(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise Problem(Code.BAD_REQUEST, f"the body is no JSON: {error}") from error
        if not isinstance(said, dict):
            raise Problem(Code.BAD_REQUEST, "the body is no JSON object")
        names = {field.name for field in self.fields}
        for name in said:
            if name not in names:
                text = f"{self.path} has no field {name!r}; it has {', '.join(sorted(names))}"
                raise Problem(Code.BAD_REQUEST, text, field=name if name.isascii() else "")
        for field in self.fields:
            if field.is_needed and said.get(field.name, "") == "":
                raise Problem(Code.BAD_REQUEST, f"{field.name} is needed", field=field.name)
        whole = {**said, **self.given, "type": self.command.__struct_config__.tag}
        try:
            return msgspec.convert(whole, self.command)
        except msgspec.ValidationError as error:
            raise Problem(Code.BAD_REQUEST, str(error), field=_field_of(str(error))) from error

    def done(self, command: AdminCommand) -> str:
        """What is told when it is done."""
        return f"{self.path}: done" if self.verb is None else self.verb.done(command)

    def noted(self, command: AdminCommand) -> str:
        """The command's fields in one line, for the gateway's security events."""
        fields = msgspec.to_builtins(command)
        said = {field.name for field in self.fields} & fields.keys()
        return " ".join(f"{name}={fields[name]!r}" for name in sorted(said))

    def schema(self) -> dict[str, Any]:
        """JSON schema of the body, with all that it refers to inside."""
        (top,), defined = msgspec.json.schema_components(
            (self.command,), ref_template="#/$defs/{name}"
        )
        whole = _inlined(top, defined)
        told = {field.name for field in self.fields}
        properties = {name: of for name, of in whole["properties"].items() if name in told}
        needed = [field.name for field in self.fields if field.is_needed]
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            **({"required": needed} if needed else {}),
        }


def _fields(command: type[OperatorCommand], verb: Verb | None) -> tuple[Field, ...]:
    taken = {} if verb is None else {each.field: each for each in verb.takes}
    given = NOTHING if verb is None else verb.given
    found = []
    for each in msgspec.structs.fields(command):
        if each.name in _BY_THE_VENUE or each.name in given:
            continue
        said = taken.get(each.name)
        choices = said.choices if isinstance(said, Argument) else ()
        is_said = said.is_needed if isinstance(said, Option) else isinstance(said, Argument)
        text = "Why; kept in the journal." if each.name == "reason" else ""
        found.append(
            Field(each.name, each.required or is_said, said.help if said else text, choices)
        )
    return tuple(found)


def _inlined(node: Any, defined: Mapping[str, Any]) -> Any:
    """A schema with what it refers to in the places of the references."""
    if isinstance(node, list):
        return [_inlined(each, defined) for each in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if reference is not None:
        return _inlined(defined[str(reference).rpartition("/")[2]], defined)
    return {name: _inlined(each, defined) for name, each in node.items()}


def _field_of(error: str) -> str:
    """The field that a text of msgspec's is about; empty: it is about none."""
    _, _, behind = error.partition("`$.")
    return behind.partition("`")[0].partition("[")[0]


ACTS: dict[str, Act] = {
    verb.path: Act(
        verb.path, verb.command, verb.help, _fields(verb.command, verb), verb.given, verb
    )
    for verb in VERBS
} | {
    path: Act(path, command, text, _fields(command, None)) for path, command, text in _BY_HAND
}  # fmt: skip
"""All of them, by their paths."""
