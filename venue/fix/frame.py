"""One message as the venue reads it: its fields, its number, and what is wrong with its form.

Pure; knows tags and bounds. This is the only parser of incoming bytes: QuickFIX and the decoder
follow it in where a field ends (FIX 4.4 volume 1, message format).
"""

import re
import zlib
from typing import NamedTuple

from venue.fix.bounds import FIELDS, NUMBERS, SEQUENCE_DIGITS, SYMBOL_LENGTH, fault_in
from venue.fix.tags import DATA_LENGTH_TAGS, HEADER_TAGS, SOH, SessionRejectReason

_VALUE = "[ -{}~]{1,64}+\x01"
_HEADER_TAG = "(?:" + "|".join(sorted(HEADER_TAGS - {"8", "9", "35"})) + ")="
_plain = re.compile(
    f"8=FIX\\.[0-9]\\.[0-9]\x019=[0-9]++\x0135={_VALUE}(?P<header>(?:{_HEADER_TAG}{_VALUE})*+)"
    f"(?:[1-9][0-9]{{0,4}}+={_VALUE})*+"
).fullmatch
"""The form of nearly every message: plain ASCII, and no value longer than 64 characters."""

_tag = re.compile(rb"[1-9][0-9]{0,4}").fullmatch
_number = re.compile(rb"-?[0-9]{1,9}").fullmatch
_length = re.compile(rb"[0-9]{1,6}").fullmatch
_sequence_number = re.compile("[0-9]{1,30}").fullmatch
_DATA_TAGS = {data: length for length, data in DATA_LENGTH_TAGS.items()}
_LENGTH_TAGS = frozenset(DATA_LENGTH_TAGS)
_ASKED_MORE = _LENGTH_TAGS | _DATA_TAGS.keys() | NUMBERS - {"34"}
_REQUIRED = ("34", "49", "52", "56")
_REQUIRED_TAGS = frozenset(_REQUIRED)
_ONCE = frozenset(("8", "9", "10", "35", *_REQUIRED))
_HIDDEN = bytes(code if 32 <= code < 127 else 46 for code in range(256))


class Fault(NamedTuple):
    """What the session protocol forbids: SessionRejectReason(373), RefTagID(371) if any, why."""

    reason: int
    tag: int | None
    why: str


class Frame:
    """A whole message. raw: its bytes. text: these as text; bytes that are no UTF-8 are surrogates.

    fields: by tag; the first one where a tag repeats. number: MsgSeqNum(34), 0 where it cannot be
    read. fault: what is wrong, or None. shown: the message as QuickFIX may see it, in ASCII, if it
    has no fault. is_plain: no tag repeats, and every value is short plain ASCII.
    """

    __slots__ = ("fault", "fields", "is_plain", "number", "raw", "shown", "text")

    def __init__(self, raw: bytes, most_fields: int = FIELDS) -> None:
        self.raw = self.shown = raw
        self.text = text = raw.decode(errors="surrogateescape")
        self.fault: Fault | None = None
        self.fields: dict[str, str]
        plain = _plain(text) if raw.count(b"\x01") <= most_fields else None
        self.is_plain = plain is not None and self._take_plain(plain)
        if not self.is_plain:
            self._take_all(most_fields)
        number = self.fields.get("34", "")
        self.number = sequence_number(number) if _sequence_number(number) else 0

    @property
    def msg_type(self) -> str:
        """MsgType(35)."""
        return self.fields["35"]

    def _take_plain(self, plain: re.Match[str]) -> bool:
        """Take the fields of a message of plain values. False: they need the closer check."""
        parts = self.text.replace(SOH, "=").split("=")
        tags = parts[0:-1:2]
        self.fields = fields = dict(zip(tags, parts[1::2], strict=True))
        in_header = tags[: 3 + plain["header"].count(SOH)]
        return (
            len(fields) == len(tags) == self.raw.count(b"\x01")  # else a value holds a =
            and _REQUIRED_TAGS.issubset(in_header)
            and _ASKED_MORE.isdisjoint(fields)
            and len(fields.get("55", "")) <= SYMBOL_LENGTH
            and len(fields["34"]) <= SEQUENCE_DIGITS
        )

    def _take_all(self, most_fields: int = FIELDS) -> None:
        """Take the fields one by one, and the first fault of their form."""
        self.fields = {}
        once: set[str] = set()
        in_header = True
        for tag, value in self._fields(most_fields):
            in_header = in_header and tag in HEADER_TAGS
            if tag in once:
                reason = SessionRejectReason.TAG_APPEARS_MORE_THAN_ONCE
                self._blame(reason, tag, "stands more than once")
            elif tag in _ONCE:
                once.add(tag)
                if not in_header and tag != "10":
                    reason = SessionRejectReason.TAG_OUT_OF_REQUIRED_ORDER
                    self._blame(reason, tag, "stands behind the header")
            self.fields.setdefault(tag, value)
        for tag in _REQUIRED:
            if tag not in self.fields:
                self._blame(SessionRejectReason.REQUIRED_TAG_MISSING, tag, "is missing")

    def _fields(self, most_fields: int) -> list[tuple[str, str]]:
        """All fields in order, data fields by their length."""
        raw, shown = self.raw, bytearray()
        found: list[tuple[str, str]] = []
        expected, length, at = "", 0, 0
        while at < len(raw):
            if len(found) == most_fields:
                reason = SessionRejectReason.OTHER
                self.fault = Fault(reason, None, f"it has more than {most_fields} fields")
                return found
            end = raw.find(b"\x01", at)
            equals = raw.find(b"=", at, end)
            name = raw[at : equals if equals >= 0 else end]
            tag = name.decode() if _tag(name) else ""
            if not tag or equals < 0:
                number = name.decode() if _number(name) else ""
                self._blame(SessionRejectReason.INVALID_TAG_NUMBER, number, "is no tag")
            elif expected:
                end = self._end_of_data(tag, expected, equals + 1 + length, end)
            elif tag in _DATA_TAGS:
                reason = SessionRejectReason.REQUIRED_TAG_MISSING
                self._blame(reason, _DATA_TAGS[tag], f"does not stand before {tag}")
            value = raw[equals + 1 : end] if equals >= 0 else b""
            if tag:
                found.append((tag, self._checked(tag, value, is_data=tag == expected)))
            expected, length = "", 0
            if tag in _LENGTH_TAGS and _length(value):
                expected, length = DATA_LENGTH_TAGS[tag], int(value)
            shown += raw[at : equals + 1]
            shown += value.translate(_HIDDEN) + b"\x01"
            at = end + 1
        if expected:
            self._blame(SessionRejectReason.VALUE_IS_INCORRECT, found[-1][0], "has no data behind")
        if shown != raw and self.fault is None:
            body = bytes(shown[: shown.rindex(b"10=")])
            self.shown = body + b"10=%03d\x01" % checksum(body)
        return found

    def _end_of_data(self, tag: str, expected: str, end: int, otherwise: int) -> int:
        """Where a data field ends: at `end`, as its length says, if that is right."""
        if tag == expected and self.raw[end : end + 1] == b"\x01" and end < len(self.raw) - 1:
            return end
        why = f"is not the length of {expected}"
        self._blame(SessionRejectReason.VALUE_IS_INCORRECT, _DATA_TAGS[expected], why)
        return otherwise

    def _checked(self, tag: str, value: bytes, *, is_data: bool) -> str:
        if not value:
            self._blame(SessionRejectReason.TAG_WITHOUT_VALUE, tag, "has no value")
            return ""
        if is_data:
            return value.decode(errors="replace")
        if tag in _LENGTH_TAGS and not _length(value):
            self._blame(SessionRejectReason.INCORRECT_DATA_FORMAT, tag, "is no length")
        text = value.decode(errors="surrogateescape")
        try:
            value.decode()
        except UnicodeDecodeError:
            self._blame(SessionRejectReason.INCORRECT_DATA_FORMAT, tag, "is no UTF-8")
            return text
        fault = fault_in(tag, text)
        if fault is not None:
            self._blame(SessionRejectReason.VALUE_IS_INCORRECT, tag, fault)
        return text

    def _blame(self, reason: int, tag: str, why: str) -> None:
        if self.fault is None:
            self.fault = Fault(reason, int(tag) if tag else None, f"{tag or 'a name'} {why}")


def checksum(data: bytes) -> int:
    """CheckSum(10): the sum of all bytes modulo 256.

    The low half of Adler-32 is the sum plus one, as long as that is below 65,521 (RFC 1950). It is
    for 256 bytes, so the sum is taken 256 bytes at a time: a twelfth of the time of a loop here.
    """
    if len(data) <= 256:
        return (zlib.adler32(data) - 1) & 0xFF
    total = 0
    for at in range(0, len(data), 256):
        total += (zlib.adler32(data[at : at + 256]) & 0xFFFF) - 1
    return total & 0xFF


def sequence_number(value: str) -> int:
    """The number in a text of digits; any number of zeros may stand before it."""
    return int(value.lstrip("0") or "0")


__all__ = ["Fault", "Frame", "checksum", "sequence_number"]
