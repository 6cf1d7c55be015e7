"""Repeating groups of what comes: each entry and each member checked as other fields are.

QuickFIX looks at the count of a message's outer groups and at nothing inside them. Knows the
venue's dictionary, read once; looks only at messages with a group (FIX 4.4 volume 1, groups).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as Xml

from venue.fix.frame import Fault, Frame
from venue.fix.tags import SOH, SessionRejectReason

_FORMS = {
    "INT": "-?[0-9]{1,18}",
    "LENGTH": "[0-9]{1,9}",
    "NUMINGROUP": "[0-9]{1,9}",
    "SEQNUM": "[0-9]{1,18}",
    "CHAR": ".",
    "BOOLEAN": "[YN]",
    **dict.fromkeys(
        ("QTY", "PRICE", "PRICEOFFSET", "AMT", "FLOAT", "PERCENTAGE"),
        r"-?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)",
    ),
}
"""Forms of values by type; values of other types are text here."""


@dataclass
class _Group:
    """first: the tag that begins an entry. members: with it. groups: inside an entry, by count."""

    first: str = ""
    members: set[str] = field(default_factory=set)
    groups: dict[str, "_Group"] = field(default_factory=dict)


class Groups:
    """The groups of every message type in the dictionary at `path`."""

    def __init__(self, path: Path) -> None:
        root = Xml.parse(path).getroot()
        fields = root.findall("./fields/field")
        self._numbers = {each.attrib["name"]: each.attrib["number"] for each in fields}
        self._forms = {
            each.attrib["number"]: re.compile(_FORMS.get(each.attrib["type"], ".*")).fullmatch
            for each in fields
        }
        self._values = {
            each.attrib["number"]: {value.attrib["enum"] for value in each.findall("value")}
            for each in fields
        }
        self._components = {each.attrib["name"]: each for each in root.findall("./components/*")}
        self._by_type: dict[str, Mapping[str, _Group]] = {
            each.attrib["msgtype"]: self._inside(each).groups
            for each in root.findall("./messages/*")
        }
        self.counts = frozenset(tag for groups in self._by_type.values() for tag in groups)
        """Tags that count the entries of a group of some message."""

    def fault(self, frame: Frame) -> Fault | None:
        """What is wrong with the groups of a message, if anything."""
        if self.counts.isdisjoint(frame.fields):
            return None
        groups = self._by_type.get(frame.msg_type, {})
        parts = frame.shown.decode(errors="surrogateescape").split(SOH)[:-1]
        fields = [part.partition("=")[::2] for part in parts]
        at = 0
        while at < len(fields):
            tag, value = fields[at]
            at += 1
            if tag in groups:
                found = self._entries(groups[tag], tag, value, fields, at)
                if isinstance(found, Fault):
                    return found
                at = found
        return None

    def _inside(self, element: Xml.Element) -> _Group:
        """What stands in a message, component or group; its first field is a group's first tag."""
        found = _Group()
        for tag, child in self._children(element):
            found.first = found.first or tag
            if child.tag == "group":
                found.groups[tag] = self._inside(child)
            found.members.add(tag)
        return found

    def _children(self, element: Xml.Element) -> Iterator[tuple[str, Xml.Element]]:
        for child in element:
            if child.tag == "component":
                yield from self._children(self._components[child.attrib["name"]])
            else:
                yield self._numbers[child.attrib["name"]], child

    def _entries(
        self, group: _Group, count: str, said: str, fields: list[tuple[str, str]], at: int
    ) -> int | Fault:
        """Where what follows the group begins."""
        if not said.isdecimal() or len(said) > 9:
            return _fault(SessionRejectReason.INCORRECT_DATA_FORMAT, count, "is no count")
        entries = 0
        seen: set[str] = set()
        while at < len(fields) and fields[at][0] in group.members:
            tag, value = fields[at]
            at += 1
            if tag == group.first:
                entries += 1
                seen.clear()
            elif not entries:
                why = f"begins with {tag}, not with {group.first}"
                return _fault(SessionRejectReason.GROUP_OUT_OF_ORDER, count, why)
            if tag in seen:
                why = f"stands twice in an entry of {count}"
                return _fault(SessionRejectReason.TAG_APPEARS_MORE_THAN_ONCE, tag, why)
            seen.add(tag)
            if tag in group.groups:
                found = self._entries(group.groups[tag], tag, value, fields, at)
                if isinstance(found, Fault):
                    return found
                at = found
            else:
                fault = self._value_fault(tag, value)
                if fault is not None:
                    return fault
        if entries != int(said):
            why = f"is {said}, and {entries} entries are there"
            return _fault(SessionRejectReason.INCORRECT_COUNT_OF_GROUP, count, why)
        return at

    def _value_fault(self, tag: str, value: str) -> Fault | None:
        if not self._forms[tag](value):
            return _fault(SessionRejectReason.INCORRECT_DATA_FORMAT, tag, "has not its type")
        values = self._values[tag]
        if values and value not in values:
            return _fault(SessionRejectReason.VALUE_IS_INCORRECT, tag, "is none of its values")
        return None


def _fault(reason: int, tag: str, why: str) -> Fault:
    return Fault(reason, int(tag), f"{tag} {why}")


__all__ = ["Groups"]
