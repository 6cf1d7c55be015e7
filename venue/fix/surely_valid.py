"""Finds the messages that QuickFIX would certainly let pass, so that it need not be asked.

Knows the data dictionary's text. Accepts plain messages only: one of a few types, every tag known
for it, no tag twice, no group, every value in the simplest form of its type, and a SendingTime far
inside the limit. QuickFIX judges, and rejects, all others (FIX 4.4 volume 2).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from venue.fix.frame import Frame
from venue.fix.tags import HEADER_TAGS

_TYPES = ("D", "F", "G", "H", "q", "AF")
_HEADER = frozenset(("8", "9", "35", "34", "49", "50", "52", "56", "57", "97"))
_READ = ("8", "9", "34", "52")
"""Tags whose values are checked here or by the reader, and not by their type."""
_SHAPES = 4096
_SECONDS_TO_SPARE = 2

_Check = Callable[[str], object]
_Shape = tuple[tuple[str, _Check], ...]
_number = re.compile("[0-9]{1,12}(?:[.][0-9]{1,8})?").fullmatch
_leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_date = (
    "(?:[0-9]{4}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)"
    f"|(?:0[13578]|1[02])31)|{_leap}0229)"
)
_is_time = re.compile(f"{_date}-(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]").fullmatch
_FORMS: dict[str, _Check | None] = {
    **dict.fromkeys(("STRING", "EXCHANGE", "CURRENCY", "COUNTRY"), None),
    **dict.fromkeys(("PRICE", "QTY", "AMT", "FLOAT", "PERCENTAGE", "PRICEOFFSET"), _number),
    **dict.fromkeys(("INT", "SEQNUM"), re.compile("[0-9]{1,9}").fullmatch),
    "CHAR": re.compile("[!-~]").fullmatch,
    "BOOLEAN": re.compile("[YN]").fullmatch,
    "LOCALMKTDATE": re.compile(_date).fullmatch,
    "UTCTIMESTAMP": re.compile(
        f"{_date}-(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{{3}})?"
    ).fullmatch,
}
"""Type in the dictionary -> check of its simplest form; None: any text is. A type that is not here
is never plain."""


class SurelyValid:
    """dictionary: the file that QuickFIX has. venue: its CompID."""

    def __init__(self, dictionary: Path, venue: str) -> None:
        root = ElementTree.parse(dictionary).getroot()
        self._checks = dict(_checks_of_fields(root))
        self._fields = {
            each.get("msgtype", ""): list(_fields_of(root, each, is_required=True))
            for each in root.iterfind("messages/message")
            if each.get("msgtype") in _TYPES
        }
        self._numbers = _numbers_of_fields(root)
        self._venue = venue
        self._shapes: dict[str, dict[tuple[str, ...], _Shape | None]] = {
            msg_type: {} for msg_type in self._fields
        }

    def count(
        self,
        frames: Sequence[Frame],
        expected: int,
        session: str,
        latency_seconds: int | None,
        now: int,
    ) -> int:
        """How many messages, from the first one on, QuickFIX would certainly let pass.

        expected: MsgSeqNum of the first. latency_seconds: how far SendingTime may be off; None:
        any. now: UTC seconds.
        """
        count = 0
        for frame in frames:
            if frame.number != expected + count:
                break
            if not self._is_valid(frame, session, latency_seconds, now):
                break
            count += 1
        return count

    def _is_valid(self, frame: Frame, session: str, latency_seconds: int | None, now: int) -> bool:
        if not frame.is_plain or frame.fault is not None:
            return False
        fields = frame.fields
        if fields["49"] != session or fields["56"] != self._venue or fields["8"] != "FIX.4.4":
            return False
        msg_type = fields["35"]
        shapes = self._shapes.get(msg_type)
        if shapes is None:
            return False
        tags = tuple(fields)
        if tags in shapes:
            shape = shapes[tags]
        else:
            if len(shapes) >= _SHAPES:
                shapes.clear()
            shape = shapes[tags] = self._shape_of(msg_type, list(tags))
        if shape is None:
            return False
        for tag, check in shape:
            if not check(fields[tag]):
                return False
        time = fields["52"]
        fraction = time[17:]
        if fraction and not (len(fraction) == 4 and fraction[0] == "." and fraction[1:].isdigit()):
            return False
        sent = _seconds(time[:17])
        if sent is None:
            return False
        return latency_seconds is None or abs(sent - now) <= latency_seconds - _SECONDS_TO_SPARE

    def _shape_of(self, msg_type: str, tags: list[str]) -> _Shape | None:
        """The checks of a message with these tags; None: QuickFIX has to be asked."""
        known = self._fields[msg_type]
        header = [tag for tag in tags if tag in HEADER_TAGS]
        body = tags[len(header) : -1]
        names = {self._numbers.get(name) for name, _ in known}
        required = {self._numbers.get(name) for name, is_required in known if is_required}
        if tags[: len(header)] != header or not _HEADER.issuperset(header) or tags[-1] != "10":
            return None
        if not required.issubset(body) or not names.issuperset(body):
            return None
        asked = [tag for tag in (*header, *body) if tag not in _READ]
        if any(tag not in self._checks for tag in asked):
            return None
        return tuple((tag, check) for tag in asked if (check := self._checks[tag]) is not None)


def _numbers_of_fields(root: ElementTree.Element) -> dict[str, str]:
    return {each.get("name", ""): each.get("number", "") for each in root.iterfind("fields/field")}


def _checks_of_fields(root: ElementTree.Element) -> Iterator[tuple[str, _Check | None]]:
    """Each tag with the check of its value; a tag that is not there has no simplest form."""
    for each in root.iterfind("fields/field"):
        codes = frozenset(value.get("enum", "") for value in each.iterfind("value"))
        form = each.get("type", "")
        if codes and form != "MULTIPLEVALUESTRING":
            yield each.get("number", ""), codes.__contains__
        elif form in _FORMS:
            yield each.get("number", ""), _FORMS[form]


def _fields_of(
    root: ElementTree.Element, place: ElementTree.Element, *, is_required: bool
) -> Iterator[tuple[str, bool]]:
    """Fields that may stand in a message outside of groups, and whether they must."""
    for each in place:
        needed = is_required and each.get("required") == "Y"
        if each.tag == "field":
            yield each.get("name", ""), needed
        elif each.tag == "component":
            inside = root.find(f"components/component[@name='{each.get('name')}']")
            if inside is not None:
                yield from _fields_of(root, inside, is_required=needed)
        elif needed:  # a group, which nothing plain has
            yield "", True


@lru_cache(maxsize=64)
def _seconds(time: str) -> int | None:
    """UTC seconds of a time without its fraction; None where it is no time."""
    if not _is_time(time):
        return None
    return int(datetime.strptime(time, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC).timestamp())


__all__ = ["SurelyValid"]
