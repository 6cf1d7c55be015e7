"""Names of FIX 4.4 for the eye: fields, enumerations and groups, from a dictionary file.

Knows QuickFIX's dictionary format only; decodes for printing, never for trading.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

Field = tuple[int, str]


class FieldName(NamedTuple):
    """Name and type of a field, and what its codes mean."""

    name: str
    type: str
    meanings: Mapping[str, str]


class GroupLayout(NamedTuple):
    """A repeating group: the field each entry begins with, its members, groups inside it, and what
    each entry must have."""

    delimiter: int
    members: frozenset[int]
    groups: Mapping[int, "GroupLayout"]
    required: Sequence[int]


class Node(NamedTuple):
    """A field in the tree of a message; entries are those of the group that it counts."""

    tag: int
    value: str
    entries: Sequence[Sequence["Node"]] = ()


class Names:
    """The names in a dictionary; empty text for whatever it does not have."""

    def __init__(
        self,
        fields: Mapping[int, FieldName],
        messages: Mapping[str, str],
        groups: Mapping[str, Mapping[int, GroupLayout]],
        required: Mapping[str, Sequence[int]],
    ) -> None:
        self._fields = fields
        self._messages = messages
        self._groups = groups
        self._required = required

    @classmethod
    def read(cls, dictionary: Path) -> Self:
        """Read a dictionary in QuickFIX's format; OSError or ValueError when it is none."""
        try:
            root = ElementTree.parse(dictionary).getroot()
            reader = _Reader(root)
        except (ElementTree.ParseError, LookupError, ValueError) as error:
            raise ValueError(f"{dictionary} is no FIX dictionary: {error}") from error
        if not reader.fields or not reader.messages:
            raise ValueError(f"{dictionary} is no FIX dictionary: it has no fields or no messages")
        return cls(reader.fields, reader.messages, reader.groups, reader.required)

    def message(self, msg_type: str) -> str:
        """Name of a MsgType(35); empty when unknown."""
        return self._messages.get(msg_type, "")

    def field(self, tag: int) -> str:
        """Name of a field; empty when unknown."""
        known = self._fields.get(tag)
        return known.name if known else ""

    def type(self, tag: int) -> str:
        """Type of a field, as the dictionary spells it; empty when unknown."""
        known = self._fields.get(tag)
        return known.type if known else ""

    def meaning(self, tag: int, value: str) -> str:
        """What the codes of a value mean; empty when they have no meaning of their own."""
        if tag == 35:
            return self.message(value)
        known = self._fields.get(tag)
        if known is None:
            return ""
        if known.type == "BOOLEAN":
            return {"Y": "YES", "N": "NO"}.get(value, "")
        meanings = [known.meanings[code] for code in _codes(known, value) if code in known.meanings]
        return " ".join(meanings)

    def unknown_codes(self, fields: Sequence[Field]) -> Iterator[str]:
        """What is wrong with codes, in words: those that their field does not have."""
        for tag, value in fields:
            known = self._fields.get(tag)
            if known is None:
                continue
            codes = {"Y": "", "N": ""} if known.type == "BOOLEAN" else known.meanings
            if tag == 35:
                codes = self._messages
            for code in _codes(known, value) if codes else ():
                if code not in codes:
                    yield f"{known.name}({tag}) has no code {code}"

    def missing(self, fields: Sequence[Field]) -> Iterator[str]:
        """Fields that the message, or an entry of its groups, must have and has not, in words."""
        msg_type = next((value for tag, value in fields if tag == 35), "")
        if msg_type in self._required:
            nodes, groups = self.tree(fields), self._groups[msg_type]
            yield from self._missing(
                self.message(msg_type), self._required[msg_type], nodes, groups
            )

    def _missing(
        self,
        what: str,
        required: Sequence[int],
        nodes: Sequence[Node],
        groups: Mapping[int, GroupLayout],
    ) -> Iterator[str]:
        there = {node.tag for node in nodes}
        for tag in required:
            if tag not in there:
                yield f"{what} lacks {self.field(tag)}({tag})"
        for node in nodes:
            for number, entry in enumerate(node.entries, 1):
                layout = groups[node.tag]
                where = f"{self.field(node.tag)}({node.tag}) entry {number}"
                yield from self._missing(where, layout.required, entry, layout.groups)

    def tree(self, fields: Sequence[Field]) -> list[Node]:
        """Fields in their order, those of repeating groups inside the field that counts them."""
        msg_type = next((value for tag, value in fields if tag == 35), "")
        nodes, _ = _nodes(fields, 0, self._groups.get(msg_type, {}), None)
        return nodes


def _codes(field: FieldName, value: str) -> list[str]:
    return value.split() if field.type == "MULTIPLEVALUESTRING" else [value]


def _nodes(
    fields: Sequence[Field],
    start: int,
    groups: Mapping[int, GroupLayout],
    inside: GroupLayout | None,
) -> tuple[list[Node], int]:
    """Nodes from `start` on, up to the end of one entry of the group `inside`; where they end."""
    nodes: list[Node] = []
    position = start
    while position < len(fields):
        tag, value = fields[position]
        if inside is not None and position > start and tag == inside.delimiter:
            break
        if inside is not None and tag not in inside.members:
            break
        position += 1
        entries: list[list[Node]] = []
        group = groups.get(tag)
        while group and position < len(fields) and fields[position][0] == group.delimiter:
            entry, position = _nodes(fields, position, group.groups, group)
            entries.append(entry)
        nodes.append(Node(tag, value, entries))
    return nodes, position


class _Reader:
    """Follows a dictionary's elements: components are put in their place, names become tags."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.fields: dict[int, FieldName] = {}
        for element in root.iterfind("fields/field"):
            meanings = {value.attrib["enum"]: value.attrib["description"] for value in element}
            names = FieldName(element.attrib["name"], element.attrib["type"], meanings)
            self.fields[int(element.attrib["number"])] = names
        self._tags = {field.name: tag for tag, field in self.fields.items()}
        self._components = {
            element.attrib["name"]: element for element in root.iterfind("components/component")
        }
        self.messages: dict[str, str] = {}
        self.groups: dict[str, dict[int, GroupLayout]] = {}
        self.required: dict[str, list[int]] = {}
        header = [child for part in root.iterfind("header") for child in part]
        trailer = [child for part in root.iterfind("trailer") for child in part]
        for element in root.iterfind("messages/message"):
            msg_type = element.attrib["msgtype"]
            self.messages[msg_type] = element.attrib["name"]
            self.groups[msg_type] = self._groups_of([*header, *element])
            self.required[msg_type] = self._required([*header, *element, *trailer])

    def _members(self, elements: Sequence[ElementTree.Element]) -> Iterator[ElementTree.Element]:
        """Fields and groups, with those of components in the components' place."""
        for element in elements:
            if element.tag == "component":
                yield from self._members(list(self._components[element.attrib["name"]]))
            else:
                yield element

    def _groups_of(self, elements: Sequence[ElementTree.Element]) -> dict[int, GroupLayout]:
        return {
            self._tags[element.attrib["name"]]: self._layout(element)
            for element in self._members(elements)
            if element.tag == "group"
        }

    def _layout(self, group: ElementTree.Element) -> GroupLayout:
        members = [self._tags[member.attrib["name"]] for member in self._members(list(group))]
        inner = self._groups_of(list(group))
        nested = (tag for layout in inner.values() for tag in layout.members)
        required = self._required(list(group))
        return GroupLayout(members[0], frozenset([*members, *nested]), inner, required)

    def _required(self, elements: Sequence[ElementTree.Element]) -> list[int]:
        """Tags of those that must be there; of a component only if it must be there itself."""
        tags: list[int] = []
        for element in elements:
            if element.get("required") != "Y":
                continue
            name = element.attrib["name"]
            if element.tag == "component":
                tags += self._required(list(self._components[name]))
            else:
                tags.append(self._tags[name])
        return tags
