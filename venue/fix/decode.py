"""FIX text to commands: one function per message type, chosen from a table.

Knows the domain and tags only. What the protocol forbids raises DecodeError; what the business
forbids is passed on for the engine to refuse.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from venue.domain.answers import OrderMassStatusQuery, OrderStatusQuery
from venue.domain.commands import CancelOrder, EnterOrder, MassCancel, Party, ReplaceOrder
from venue.domain.decimal_text import is_decimal
from venue.fix.fields import field_list, field_map
from venue.fix.tags import DATA_LENGTH_TAGS, INSTRUCTIONS_NOT_OFFERED, SessionRejectReason

_NO_TEXT_FIRST, _NO_TEXT_LAST = chr(0xDC80), chr(0xDCFF)
"""What bytes that are no UTF-8 become."""
_DATA_TAGS = frozenset(DATA_LENGTH_TAGS.values())

Decoded = (
    EnterOrder | CancelOrder | ReplaceOrder | MassCancel | OrderStatusQuery | OrderMassStatusQuery
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_is_plain_number = re.compile("[0-9]{1,20}(?:[.][0-9]{1,10})?").fullmatch
"""How nearly all numbers are written; `is_decimal` judges the others."""

_RARE_OF_ORDER = frozenset(
    ("18", "58", "97", "99", "110", "111", "114", "126", "211", "432", "453", "7928", "8000")
).union(INSTRUCTIONS_NOT_OFFERED)
_RARE_OF_REPLACE = frozenset(("97", "99", "111", "586")).union(INSTRUCTIONS_NOT_OFFERED)
"""Fields that most messages have none of, so that none is looked for."""


class DecodeError(Exception):
    """A protocol error: SessionRejectReason(373) and the tag it is about, RefTagID(371)."""

    def __init__(self, reason: int, tag: int) -> None:
        super().__init__(f"reason {reason} at tag {tag}")
        self.reason = reason
        self.tag = tag


def check_text(text: str) -> None:
    """Raise DecodeError for the first field that is no UTF-8; encoded fields may hold any bytes."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        for tag, value in field_list(text):
            if not _is_text(value) and tag not in _DATA_TAGS:
                number = int(tag) if tag.isdecimal() else 0
                raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, number) from None


def _is_text(value: str) -> bool:
    return not any(_NO_TEXT_FIRST <= character <= _NO_TEXT_LAST for character in value)


def decode(session: str, text: str, fields: Mapping[str, str]) -> Decoded | None:
    """Command or query that the message states; None where the venue does not take its type.

    `fields` is `field_map(text)`. Raises DecodeError.
    """
    decoder = _DECODERS.get(fields["35"])
    if decoder is None:
        return None
    try:
        return decoder(session, text, fields)
    except KeyError as missing:  # decoders read what is required by its tag
        tag = int(missing.args[0])
        raise DecodeError(SessionRejectReason.REQUIRED_TAG_MISSING, tag) from None


def _enter_order(session: str, text: str, fields: Mapping[str, str]) -> EnterOrder:
    get = fields.get
    common = (
        session,
        fields["11"],
        fields["55"],
        fields["54"],
        fields["40"],
        get("59", "0"),
        _number(fields, "38"),
        _number(fields, "44"),
        get("1"),
        get("528"),
    )
    if _RARE_OF_ORDER.isdisjoint(fields):
        return EnterOrder(*common)
    return EnterOrder(
        *common,
        _parties(text) if "453" in fields else (),
        get("58"),
        _not_offered(fields),
        get("97") == "Y",
        _number(fields, "99"),
        _number(fields, "110"),
        _number(fields, "111"),
        get("18", ""),
        _time_ns(fields, "126"),
        _date(fields, "432"),
        _number(fields, "211"),
        get("7928"),
        get("8000"),
        get("114"),
    )


def _cancel_order(session: str, text: str, fields: Mapping[str, str]) -> CancelOrder:
    return CancelOrder(
        session,
        fields["11"],
        fields["41"],
        fields["55"],
        fields["54"],
        fields.get("37"),
        _time_ms(fields, "586"),
        fields.get("97") == "Y",
    )


def _replace_order(session: str, text: str, fields: Mapping[str, str]) -> ReplaceOrder:
    get = fields.get
    common = (
        session,
        fields["11"],
        fields["41"],
        fields["55"],
        fields["54"],
        fields["40"],
        _number(fields, "38"),
        _number(fields, "44"),
        get("59"),
        get("37"),
    )
    if _RARE_OF_REPLACE.isdisjoint(fields):
        return ReplaceOrder(*common)
    return ReplaceOrder(
        *common,
        _not_offered(fields),
        _time_ms(fields, "586"),
        _number(fields, "99"),
        _number(fields, "111"),
        get("97") == "Y",
    )


def _order_status(session: str, text: str, fields: Mapping[str, str]) -> OrderStatusQuery:
    return OrderStatusQuery(
        session,
        fields["11"],
        fields["55"],
        fields["54"],
        fields.get("790"),
        fields.get("37"),
    )


def _mass_cancel(session: str, text: str, fields: Mapping[str, str]) -> MassCancel:
    return MassCancel(
        session,
        fields["11"],
        fields["530"],
        fields.get("55"),
        fields.get("54"),
        fields.get("97") == "Y",
    )


def _mass_status(session: str, text: str, fields: Mapping[str, str]) -> OrderMassStatusQuery:
    return OrderMassStatusQuery(
        session,
        fields["584"],
        fields["585"],
        fields.get("55"),
        fields.get("54"),
    )


_DECODERS: dict[str, Callable[[str, str, Mapping[str, str]], Decoded]] = {
    "D": _enter_order,
    "F": _cancel_order,
    "G": _replace_order,
    "H": _order_status,
    "q": _mass_cancel,
    "AF": _mass_status,
}


def _number(fields: Mapping[str, str], tag: str) -> str | None:
    value = fields.get(tag)
    if value is not None and not _is_plain_number(value) and not is_decimal(value):
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag))
    return value


def _time_ns(fields: Mapping[str, str], tag: str) -> int | None:
    """UTCTimestamp `YYYYMMDD-HH:MM:SS[.sss]` in nanoseconds since 1970."""
    value = fields.get(tag)
    if value is None:
        return None
    form = "%Y%m%d-%H:%M:%S.%f" if "." in value else "%Y%m%d-%H:%M:%S"
    try:
        moment = datetime.strptime(value, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag)) from error
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def _time_ms(fields: Mapping[str, str], tag: str) -> int | None:
    time_ns = _time_ns(fields, tag)
    return None if time_ns is None else time_ns // 1_000_000


def _date(fields: Mapping[str, str], tag: str) -> str | None:
    """LocalMktDate `YYYYMMDD` as ISO date."""
    value = fields.get(tag)
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y%m%d").date().isoformat()
    except ValueError as error:
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag)) from error


def _not_offered(fields: Mapping[str, str]) -> str | None:
    for tag in INSTRUCTIONS_NOT_OFFERED:
        if tag in fields:
            return f"{tag}={fields[tag]}"
    return None


def _parties(text: str) -> tuple[Party, ...]:
    """Parties group: each entry begins with PartyID(448)."""
    entries: list[dict[str, str]] = []
    for tag, value in field_list(text):
        if tag == "448":
            entries.append({})
        if tag in ("448", "447", "452") and entries:
            entries[-1].setdefault(tag, value)
    return tuple(
        Party(entry["448"], entry.get("447", "D"), entry.get("452", "")) for entry in entries
    )


__all__ = ["DecodeError", "Decoded", "decode", "field_map"]
