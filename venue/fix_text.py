"""FIX messages found in text: logs, captures, pasted lines, with any of the usual separators.

Pure. Takes what it finds as it is and says what is wrong with it; never shows a secret.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from venue.fix.names import Field, Names, Node
from venue.masking import MASK, mask_fix
from venue.printable import shown

_SECRET_TAGS = (554, 925, 96)

_SOH = "\x01"
_U2401 = "\u2401".encode().decode("latin-1")
_START = re.compile(
    r"8=FIXT?\.\d\.\d"
    rf"(?P<separator>\x01|\^A|\\x01|<SOH>|{_U2401}|[ ]?[|;][ ]?|[ \t]+(?=\d{{1,9}}=))"
)
"""Text is read as latin-1: so looks the symbol for SOH, U+2401, in UTF-8."""
_FIELD = re.compile(r"(?P<tag>\d{1,9})=(?P<value>.*)", re.DOTALL)


class FoundMessage(NamedTuple):
    """A message in a text, secrets masked; `before` is what stands before it on its line."""

    before: str
    fields: Sequence[Field]
    problems: Sequence[str]

    def value(self, tag: int) -> str:
        """Value of the first field with this tag; empty when there is none."""
        return next((value for own, value in self.fields if own == tag), "")


def messages_in(line: str) -> Iterator[FoundMessage]:
    """All messages in one line of text, decoded as latin-1 so that every byte is one character."""
    starts = list(_START.finditer(line))
    behind = 0
    for number, start in enumerate(starts):
        separator = start["separator"]
        limit = starts[number + 1].start() if number + 1 < len(starts) else len(line)
        mark = re.escape(separator)
        end = re.compile(rf"{mark}10=\d{{1,3}}(?:{mark}|(?=\s)|$)").search(
            line, start.start(), limit
        )
        text = line[start.start() : end.end() if end else limit].rstrip("\r\n")
        wire = _wire(text, separator)
        before = line[behind : start.start()].strip()
        yield FoundMessage(before, _fields(mask_fix(wire)), _problems(_fields(wire), wire))
        behind = end.end() if end else limit


def as_lines(message: FoundMessage, names: Names) -> Iterator[str]:
    """The message for reading: a line that says what it is, then one line a field."""
    msg_type = message.value(35)
    name = names.message(msg_type) or "unknown message"
    parties = f"{message.value(49)} -> {message.value(56)}"
    head = f"{name}({msg_type})  {parties}  MsgSeqNum {message.value(34)}"
    yield _shown(f"{message.before}  {head}" if message.before else head)
    for problem in _all_problems(message, names):
        yield f"  ! {_shown(problem)}"
    yield from _node_lines(names.tree(message.fields), names, "  ")


def as_object(message: FoundMessage, names: Names) -> dict[str, Any]:
    """The message as plain JSON data."""
    msg_type = message.value(35)
    return {
        "msg_type": msg_type,
        "name": names.message(msg_type),
        "before": message.before,
        "problems": list(_all_problems(message, names)),
        "fields": [_node_object(node, names) for node in names.tree(message.fields)],
    }


def _all_problems(message: FoundMessage, names: Names) -> Iterator[str]:
    """What is wrong with the frame, and what the dictionary does not allow."""
    yield from message.problems
    yield from names.unknown_codes(message.fields)
    if message.fields[-1][0] == 10:  # else what is missing may have been cut off
        yield from names.missing(message.fields)


def _shown(text: str) -> str:
    """Text that was read as latin-1, for a terminal: as UTF-8 where it is that."""
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return shown(text)


def _wire(text: str, separator: str) -> str:
    """The message as it was sent: SOH behind each field, other separators inside a value kept."""
    parts: list[str] = []
    for part in text.removesuffix(separator).split(separator):
        if not parts or _FIELD.fullmatch(part):
            parts.append(part)
        else:
            parts[-1] += separator + part
    return "".join(part + _SOH for part in parts)


def _fields(wire: str) -> list[Field]:
    fields: list[Field] = []
    for part in wire.removesuffix(_SOH).split(_SOH):
        match = _FIELD.fullmatch(part)
        if match:
            fields.append((int(match["tag"]), match["value"]))
        else:  # SOH inside a value
            tag, value = fields[-1]
            fields[-1] = (tag, value + _SOH + part)
    return fields


def _problems(fields: Sequence[Field], wire: str) -> list[str]:
    """What is wrong with the frame; a message whose secrets were masked can not be checked."""
    if fields[-1][0] != 10:
        return ["no CheckSum(10): the message is cut off"]
    if any(tag in _SECRET_TAGS and value == MASK for tag, value in fields):
        return []
    problems: list[str] = []
    before_trailer = wire[: wire.rindex("\x0110=") + 1]
    check_sum = f"{sum(before_trailer.encode('latin-1')) % 256:03}"
    if fields[-1][1] != check_sum:
        problems.append(f"CheckSum(10) is {fields[-1][1]}, the bytes make {check_sum}")
    if len(fields) < 2 or fields[1][0] != 9:
        problems.append("BodyLength(9) is not the second field")
    else:
        length = len(before_trailer.split("\x01", 2)[2])
        if fields[1][1].lstrip("0") != str(length):
            problems.append(f"BodyLength(9) is {fields[1][1]}, the body has {length}")
    return problems


def _node_lines(nodes: Sequence[Node], names: Names, indent: str) -> Iterator[str]:
    for node in nodes:
        name = names.field(node.tag) or "?"
        meaning = names.meaning(node.tag, node.value)
        value = f"{_shown(node.value)}  {meaning}" if meaning else _shown(node.value)
        yield f"{indent}{node.tag:>5} {name:<{max(24 - len(indent), 1)}} {value}"
        for entry in node.entries:
            lines = _node_lines(entry, names, indent + "    ")
            first = next(lines)
            yield f"{indent}  - {first[len(indent) + 4 :]}"
            yield from lines


def _node_object(node: Node, names: Names) -> dict[str, Any]:
    result: dict[str, Any] = {
        "tag": node.tag,
        "name": names.field(node.tag),
        "value": node.value,
        "meaning": names.meaning(node.tag, node.value),
    }
    if node.entries:
        result["entries"] = [
            [_node_object(inner, names) for inner in entry] for entry in node.entries
        ]
    return result
