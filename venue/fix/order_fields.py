"""Fields that only some orders have: their tags, how they are read, and where reports say them.

One table for the decoder of orders and replacements and for ExecutionReports. Knows the domain and
tags only; what is no number, time or date raises DecodeError.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from venue.clock import utc_timestamp
from venue.domain.decimal_text import is_decimal
from venue.domain.order_state import OrderState, OrderTerms
from venue.fix.groups import DecodeError
from venue.fix.tags import SessionRejectReason

Fields = Mapping[str, str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_is_plain_number = re.compile("[0-9]{1,20}(?:[.][0-9]{1,10})?").fullmatch
"""How nearly all numbers are written; `is_decimal` judges the others."""


def number(fields: Fields, tag: str) -> str | None:
    """Decimal text as it was sent."""
    value = fields.get(tag)
    if value is not None and not _is_plain_number(value) and not is_decimal(value):
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag))
    return value


def time_ns(fields: Fields, tag: str) -> int | None:
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


def date(fields: Fields, tag: str) -> str | None:
    """LocalMktDate `YYYYMMDD` as ISO date."""
    value = fields.get(tag)
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y%m%d").date().isoformat()
    except ValueError as error:
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag)) from error


def text(fields: Fields, tag: str) -> str | None:
    """As it was sent."""
    return fields.get(tag)


def _date_text(value: str) -> str:
    return value.replace("-", "")


class OrderField(NamedTuple):
    """A field of EnterOrder and ReplaceOrder. write: how reports say it; None: they do not.

    Reports have it from OrderTerms, or from OrderState where it changes in an order's life.
    """

    tag: str
    name: str
    read: Callable[[Fields, str], Any]
    write: Callable[[Any], str] | None = None


ORDER_FIELDS = (
    OrderField("58", "text", text),
    OrderField("99", "stop_px", number, str),
    OrderField("110", "min_qty", number, str),
    OrderField("111", "max_floor", number, str),
    OrderField("18", "exec_inst", text, str),
    OrderField("126", "expire_ns", time_ns, utc_timestamp),
    OrderField("432", "expire_date", date, _date_text),
    OrderField("211", "peg_offset", number, str),
    OrderField("7928", "self_match_id", text),
    OrderField("8000", "self_match_mode", text),
    OrderField("114", "locate_reqd", text),
)
"""In the order in which they are read: the first that is wrong is the one that is rejected."""

ORDER_TAGS = tuple(field.tag for field in ORDER_FIELDS)


def fields_of_order(fields: Fields) -> dict[str, Any]:
    """What of these an order or a replacement has, by the names of their commands."""
    return {each.name: each.read(fields, each.tag) for each in ORDER_FIELDS if each.tag in fields}


_PLACES = ((17, 19), (60, 150), (151, 378), (378, 424), (426, 453))
"""Where a report has room for such fields: each place behind one tag and ahead of another."""


class _Said(NamedTuple):
    """A field that reports say: its tag, and the place that this falls into."""

    tag: int
    name: str
    write: Callable[[Any], str]
    of_terms: bool
    place: int


def _said(field: OrderField, write: Callable[[Any], str]) -> _Said:
    tag = int(field.tag)
    place = next(at for at, (behind, ahead) in enumerate(_PLACES) if behind < tag < ahead)
    return _Said(tag, field.name, write, field.name in OrderTerms.__struct_fields__, place)


_SAID = sorted(_said(field, field.write) for field in ORDER_FIELDS if field.write is not None)
_NOTHING = ("",) * len(_PLACES)


def order_fields_said(order: OrderState) -> Sequence[str]:
    """What a report says of these fields, in the order of their tags: text for each place."""
    terms = order.terms
    if (  # most have none of them; going through the table costs 1 us
        terms.exec_inst is None
        and terms.min_qty is None
        and terms.expire_ns is None
        and terms.expire_date is None
        and terms.peg_offset is None
        and order.stop_px is None
        and order.max_floor is None
    ):
        return _NOTHING
    places = list(_NOTHING)
    for tag, name, write, of_terms, place in _SAID:
        value = getattr(terms if of_terms else order, name)
        if value is not None:
            places[place] += f"{tag}={write(value)}\x01"
    return places
