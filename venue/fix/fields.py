"""Splits the text of a FIX message into fields. Data fields may hold separators.

Pure text; the message was checked before (frame.py).
"""

import re

from venue.fix.tags import DATA_LENGTH_TAGS, SOH

_LENGTH = re.compile("[0-9]{1,9}")
_LENGTH_TAGS = frozenset(DATA_LENGTH_TAGS)
_HAS_DATA = re.compile("\x01(?:" + "|".join(DATA_LENGTH_TAGS) + ")=")


def field_list(text: str) -> list[tuple[str, str]]:
    """All fields in order, as (tag, value); data fields are taken by their length."""
    if not _HAS_DATA.search(text):
        return [
            (tag, value)
            for tag, separator, value in (part.partition("=") for part in text.split(SOH))
            if separator
        ]
    return _with_data(text)


def field_map(text: str) -> dict[str, str]:
    """Fields by tag; the first one where a tag repeats in a group."""
    fields: dict[str, str] = {}
    for part in reversed(text.split(SOH)):
        tag, separator, value = part.partition("=")
        if separator:
            fields[tag] = value
    if not _LENGTH_TAGS.isdisjoint(fields):
        return dict(reversed(field_list(text)))
    return fields


def sequence_number(value: str) -> int:
    """MsgSeqNum(34) that QuickFIX has accepted: any number of zeros may stand before it."""
    return int(value.lstrip("0") or "0")


def _with_data(text: str) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    data = text.encode(errors="surrogateescape")
    at = 0
    data_tag, length = "", 0
    while at < len(data):
        equals = data.find(b"=", at)
        if equals == -1:
            break
        tag = data[at:equals].decode(errors="replace")
        end = equals + 1 + length if tag == data_tag else data.find(b"\x01", equals)
        end = len(data) if end == -1 else end
        value = data[equals + 1 : end].decode(errors="replace")
        fields.append((tag, value))
        data_tag = DATA_LENGTH_TAGS.get(tag, "")
        length = int(value) if data_tag and _LENGTH.fullmatch(value) else 0
        data_tag = data_tag if length else ""
        at = end + 1
    return fields
