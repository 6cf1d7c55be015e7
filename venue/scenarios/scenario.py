"""A scenario as a file: messages in their order, a line for each field, for people to read.

    ALPHA > NewOrderSingle(D)
        ClOrdID(11) = {ClOrdID.1}
        Side(54) = 1<TAB># BUY

`>` is sent by the session's client, `<` by the venue. Names and what stands behind a tab are for
the eye; lines that begin with # and empty lines are nothing. Text is latin-1, as FIX's bytes are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from venue.fix.names import Names

Field = tuple[int, str]
_HEAD = re.compile(r"(?P<session>\S+) (?P<way>[<>]) \w*\((?P<msg_type>\w+)\)")
_FIELD = re.compile(r"\s+\w*\((?P<tag>\d{1,9})\) = (?P<value>[^\t]*)(?:\t.*)?")
_MARK = "# venue scenario 1"


class ScenarioError(Exception):
    """A file that is no scenario; the text is one line and names the place."""


class Said(NamedTuple):
    """A message. fields: those of the body, values with placeholders. line: in the file, from 1."""

    session: str
    is_sent: bool
    msg_type: str
    fields: Sequence[Field]
    line: int = 0


def written(messages: Iterable[Said], names: Names) -> Iterator[str]:
    """The lines of the file."""
    yield f"{_MARK}: > is sent, < is answered; {{X.1}} is one value all over, * is anything"
    for said in messages:
        way = ">" if said.is_sent else "<"
        yield ""
        yield f"{said.session} {way} {names.message(said.msg_type)}({said.msg_type})"
        for tag, value in said.fields:
            meaning = names.meaning(tag, value)
            note = f"\t# {meaning}" if meaning else ""
            yield f"    {names.field(tag)}({tag}) = {value}{note}"


def read_scenario(text: str) -> list[Said]:
    """The messages of a file. Raises ScenarioError."""
    if not text.startswith(_MARK):
        raise ScenarioError(f"it does not begin with {_MARK!r}")
    messages: list[Said] = []
    fields: list[Field] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if head := _HEAD.fullmatch(line.rstrip()):
            fields = []
            is_sent = head["way"] == ">"
            messages.append(Said(head["session"], is_sent, head["msg_type"], fields, number))
        elif messages and (field := _FIELD.fullmatch(line)):
            fields.append((int(field["tag"]), field["value"]))
        else:
            raise ScenarioError(f"line {number} is neither a message nor a field: {line.strip()!r}")
    if not messages:
        raise ScenarioError("it has no message")
    return messages
