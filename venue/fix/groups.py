"""Repeating groups of the messages that the venue decodes: counted and checked entry by entry.

Knows tags only. The tables are those of spec/FIX44.xml; a test compares them. QuickFIX checks only
the count of a group. Nothing is changed or returned: a fault raises DecodeError.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from venue.domain.decimal_text import is_decimal
from venue.fix.tags import SessionRejectReason as Reason

Field = tuple[str, str]

_MEMBERS = {
    "78": "79 661:int 736 467 539 80:float",
    "232": "233 234",
    "386": "336 625",
    "453": "448 447:char 452:int 802",
    "454": "455 456",
    "457": "458 459",
    "539": "524 525:char 538:int 804",
    "627": "628 629:timestamp 630:count",
    "711": (
        "311 312 309 305 457 462:int 463 310 763 313:month 542:date 315:int 241:date 242:date 243 "
        "244:int 245:float 246:float 256 595 592 593 594 247:date 316:float 941 317:char 436:float "
        "435:float 308 306 362:count 363 307 364:count 365 877 878 318 879:float 810:float "
        "882:float 883:float 884:float 885:float 886:float 887"
    ),
    "802": "523 803:int",
    "804": "545 805:int",
    "864": "865:int 866:date 867:float 868",
    "887": "888 889",
}
"""NumInGroup tag -> the members in their order, each with its form, if any. The first member begins
an entry."""

_CODES = {
    "233": (
        "AMT AUTOREINV BANKQUAL BGNCON COUPON CURRENCY CUSTOMDATE GEOG HAIRCUT INSURED ISSUE "
        "ISSUER ISSUESIZE LOOKBACK LOT LOTVAR MAT MATURITY MAXSUBS MINQTY MININCR MINDNOM "
        "PAYFREQ PIECES PMAX PPM PPL PPT PRICE PRICEFREQ PROD PROTECT PURPOSE PXSOURCE RATING "
        "REDEMPTION RESTRICTED SECTOR SECTYPE STRUCT SUBSFREQ SUBSLEFT TEXT TRDVAR WAC WAL WALA "
        "WAM WHOLE YIELD SMM CPR CPY CPP ABS MPR PSA PPC MHP HEP"
    ),
    "447": "B C D E F G H 1 2 3 4 5 6 7 8 9 A I",
    "452": (
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 24 25 26 27 28 29 30 31 32 33 34 "
        "35 36 37 38"
    ),
    "803": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26",
    "865": "1 2 3 4 99",
}
"""Members that are one of these codes."""

_OF_MESSAGE = {
    "D": "453 78 386 454 864 711 232 627",
    "F": "453 454 864 711 627",
    "G": "453 78 386 454 864 711 627",
    "H": "453 454 864 711 627",
    "q": "454 864 457 887 627",
    "AF": "453 454 864 457 887 627",
}
"""MsgType -> the groups that stand in the message itself, not in another group."""

_FORMS: Mapping[str, Callable[[str], object]] = {
    "": bool,
    "int": re.compile("-?[0-9]{1,18}").fullmatch,
    "count": re.compile("[0-9]{1,18}").fullmatch,
    "char": re.compile("[!-~]").fullmatch,
    "float": is_decimal,
    "date": re.compile("[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])").fullmatch,
    "month": re.compile("[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|w[1-5])?").fullmatch,
    "timestamp": re.compile(
        "[0-9]{8}-(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:[.][0-9]{3})?"
    ).fullmatch,
}
"""Checks of the data types of FIX 4.4 volume 1; text may be anything."""


class DecodeError(Exception):
    """A protocol error: SessionRejectReason(373) and the tag it is about, RefTagID(371)."""

    def __init__(self, reason: int, tag: int) -> None:
        super().__init__(f"reason {reason} at tag {tag}")
        self.reason = reason
        self.tag = tag


class _Member(NamedTuple):
    """A member of a group. place: in its entry; 0 begins one. codes: allowed values; None: any."""

    place: int
    has_form: Callable[[str], object]
    codes: frozenset[str] | None


def _member(place: int, text: str) -> tuple[str, _Member]:
    tag, _, form = text.partition(":")
    codes = frozenset(_CODES[tag].split()) if tag in _CODES else None
    return tag, _Member(place, _FORMS["count" if tag in _MEMBERS else form], codes)


_GROUPS: dict[str, dict[str, _Member]] = {
    count: dict(_member(place, text) for place, text in enumerate(members.split()))
    for count, members in _MEMBERS.items()
}


def _tags_in(count: str) -> list[str]:
    """Tags of a group's members, and of the groups inside it."""
    own = list(_GROUPS[count])
    return own + [tag for nested in own if nested in _GROUPS for tag in _tags_in(nested)]


_TOP = {msg_type: frozenset(counts.split()) for msg_type, counts in _OF_MESSAGE.items()}
_INSIDE = {
    msg_type: frozenset(tag for count in counts for tag in _tags_in(count)) - counts
    for msg_type, counts in _TOP.items()
}
GROUPED = frozenset().union(*_TOP.values(), *_INSIDE.values())
"""Tags of all groups. A message without any of them has no group."""


def check_groups(msg_type: str, fields: Sequence[Field]) -> None:
    """Raise DecodeError for what FIX 4.4 volume 1 ("Repeating Groups") forbids in a group.

    Its reason, SessionRejectReason(373), is 16 where the count is not the number of entries, 15 for
    a member in another place or outside of its group, 13 for one that comes twice, 6 for a value of
    another form, 5 for one that is not allowed, and 4 for an empty one.
    """
    counts, inside = _TOP[msg_type], _INSIDE[msg_type]
    seen = set()
    at = 0
    while at < len(fields):
        tag, value = fields[at]
        at += 1
        if tag in counts:
            if tag in seen:
                raise DecodeError(Reason.TAG_APPEARS_MORE_THAN_ONCE, int(tag))
            seen.add(tag)
            at = _check_group(fields, at, tag, value)
        elif tag in inside:
            raise DecodeError(Reason.GROUP_OUT_OF_ORDER, int(tag))


def _check_group(fields: Sequence[Field], at: int, count: str, stated: str) -> int:
    """Check the group whose members begin at `at`. Returns where it ends."""
    members = _GROUPS[count]
    if not _FORMS["count"](stated):
        raise DecodeError(Reason.INCORRECT_DATA_FORMAT, int(count))
    entries, last = 0, -1
    while at < len(fields):
        tag, value = fields[at]
        member = members.get(tag)
        if member is None:
            break
        if member.place == 0:
            entries += 1
        elif member.place == last:
            raise DecodeError(Reason.TAG_APPEARS_MORE_THAN_ONCE, int(tag))
        elif member.place < last or not entries:
            raise DecodeError(Reason.GROUP_OUT_OF_ORDER, int(tag))
        last = member.place
        _check_value(tag, value, member)
        at += 1
        if tag in _GROUPS:
            at = _check_group(fields, at, tag, value)
    if entries != int(stated):
        raise DecodeError(Reason.COUNT_IN_GROUP, int(count))
    return at


def _check_value(tag: str, value: str, member: _Member) -> None:
    if not value:
        raise DecodeError(Reason.TAG_WITHOUT_VALUE, int(tag))
    if not member.has_form(value):
        raise DecodeError(Reason.INCORRECT_DATA_FORMAT, int(tag))
    if member.codes is not None and value not in member.codes:
        raise DecodeError(Reason.VALUE_IS_INCORRECT, int(tag))


__all__ = ["GROUPED", "DecodeError", "Field", "check_groups"]
