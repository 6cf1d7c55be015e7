"""Every repeating group of every message that the venue decodes, as spec/FIX44.xml has it.

Writes a group with all its members; asks the decoder what it says of a message with it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from venue.fix.decode import DecodeError, decode
from venue.fix.fields import field_map

SPEC = ElementTree.parse(Path(__file__).parents[2] / "spec" / "FIX44.xml").getroot()
MESSAGES = ("D", "F", "G", "H", "q", "AF")
BODIES = {
    "D": "11=A1|55=ACME|54=1|40=2|38=1|44=1",
    "F": "11=A1|41=A0|55=ACME|54=1",
    "G": "11=A1|41=A0|55=ACME|54=1|40=2|38=1|44=1",
    "H": "11=A1|55=ACME|54=1",
    "q": "11=A1|530=7",
    "AF": "584=M1|585=7",
}
FORMS = {
    "INT": "int", "NUMINGROUP": "count", "LENGTH": "count", "SEQNUM": "count", "CHAR": "char",
    "LOCALMKTDATE": "date", "MONTHYEAR": "month", "UTCTIMESTAMP": "timestamp",
    **dict.fromkeys(("FLOAT", "QTY", "PRICE", "PRICEOFFSET", "AMT", "PERCENTAGE"), "float"),
    **dict.fromkeys(("STRING", "CURRENCY", "COUNTRY", "EXCHANGE"), ""),
}  # fmt: skip
RIGHT = {
    "": "x y", "int": "-1", "count": "1", "char": "?", "float": "-1.50", "date": "20260131",
    "month": "202601", "timestamp": "20260131-23:59:60.999",
}  # fmt: skip
WRONG = {
    "int": ("abc", "+1", "1.0", "1 ", "\u0661"),
    "count": ("abc", "-1", "1.5", " 1"),
    "char": ("xy", " ", "\u00e9"),
    "float": ("1e5", "nan", "+1", "1.2.3", "1,5", "."),
    "date": ("20261301", "2026-01-31", "20260132", "202601"),
    "month": ("202613", "2026", "202601w6", "20260132"),
    "timestamp": ("20260131", "20260131-25:00:00", "20260131-23:00", "20260131-23:00:00.1"),
}


class Member(NamedTuple):
    tag: str
    form: str
    codes: tuple[str, ...]
    is_required: bool


class Group(NamedTuple):
    """number: tag of its count. members: in order, a nested group in the place of its count."""

    number: str
    members: tuple["Member | Group", ...]


FIELDS = {each.get("name"): each for each in SPEC.iterfind("fields/field")}
COMPONENTS = {each.get("name"): each for each in SPEC.iterfind("components/component")}


def flat(node: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for child in node:
        if child.tag == "component":
            yield from flat(COMPONENTS[child.get("name")])
        else:
            yield child


def tag_of(node: ElementTree.Element) -> str:
    return FIELDS[node.get("name")].get("number") or ""


def read_group(node: ElementTree.Element) -> Group:
    members: list[Member | Group] = []
    for child in flat(node):
        if child.tag == "group":
            members.append(read_group(child))
            continue
        field = FIELDS[child.get("name")]
        codes = tuple(value.get("enum") or "" for value in field.iterfind("value"))
        form = FORMS[field.get("type") or ""]
        members.append(Member(tag_of(child), form, codes, child.get("required") == "Y"))
    return Group(tag_of(node), tuple(members))


def groups_of(msg_type: str) -> list[Group]:
    (message,) = SPEC.iterfind(f"messages/message[@msgtype='{msg_type}']")
    header = SPEC.find("header")
    assert header is not None
    nodes = [*flat(message), *header]
    return [read_group(node) for node in nodes if node.tag == "group"]


def all_groups(found: list[Group]) -> Iterator[Group]:
    for group in found:
        yield group
        yield from all_groups([each for each in group.members if isinstance(each, Group)])


def head(member: "Member | Group") -> str:
    return member.number if isinstance(member, Group) else member.tag


CASES = [(msg_type, group) for msg_type in MESSAGES for group in groups_of(msg_type)]
IDS = [f"{msg_type}-{group.number}" for msg_type, group in CASES]
every_group = pytest.mark.parametrize(("msg_type", "group"), CASES, ids=IDS)


def right(member: Member) -> str:
    return member.codes[0] if member.codes else RIGHT[member.form]


def written(group: Group, entries: int = 2) -> list[tuple[str, str]]:
    """The group with all its members, nested groups too."""
    fields = [(group.number, str(entries))]
    for _ in range(entries):
        for member in group.members:
            fields += (
                written(member) if isinstance(member, Group) else [(member.tag, right(member))]
            )
    return fields


def ask(msg_type: str, fields: list[tuple[str, str]]) -> tuple[int, int] | None:
    """What DecodeError says of a message with these fields, or None when it is taken."""
    body = "".join(f"{tag}={value}\x01" for tag, value in fields)
    text = f"8=FIX.4.4\x019=1\x0135={msg_type}\x0149=ALPHA\x0134=2\x01" + (
        BODIES[msg_type].replace("|", "\x01") + f"\x01{body}10=000\x01"
    )
    try:
        assert decode("ALPHA", text, field_map(text)) is not None
    except DecodeError as error:
        return error.reason, error.tag
    return None


def data_of(group: Group) -> list[tuple[str, str]]:
    """Length of 1 fits the data behind it."""
    return [(tag, "d" if tag in ("363", "365") else value) for tag, value in written(group)]
