"""What a listener may ask for: messages to requests, one function per type, chosen from a table.

Pure; values are as the reader has checked them (venue/fix/bounds.py). What the protocol forbids
raises DecodeError; what the business forbids is answered in words (answers.py).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from venue.fix.fields import field_list
from venue.fix.frame import Frame
from venue.fix.groups import DecodeError
from venue.fix.routing import route_of
from venue.fix.tags import SessionRejectReason

EXEC_ID_RANGE_REQUEST = "U1"
EXEC_ID_RANGE_COMPLETE = "U2"
_ExecID = re.compile("[1-9][0-9]{0,17}[0-2]")
_DATE = re.compile("[0-9]{8}")
_TIME = re.compile(r"[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?")
LAST = "last"


class Request(NamedTuple):
    """number: MsgSeqNum of the request. fields: by tag. route: header fields of its answers."""

    msg_type: str
    number: int
    fields: Mapping[str, str]
    route: str


class ExecIDRange(NamedTuple):
    """U1: copies with these ExecIDs, both included. end: as asked for; LAST: up to now."""

    request: Request
    begin: str
    end: str

    @property
    def fault(self) -> str | None:
        """Why it is no range, in words."""
        if not _ExecID.fullmatch(self.begin):
            return "21001 is no ExecID"
        if self.end != LAST and not _ExecID.fullmatch(self.end):
            return f"21002 is no ExecID, nor {LAST!r}"
        if self.end != LAST and int(self.begin) > int(self.end):
            return "21001 is above 21002"
        return None


class OpenOrdersWanted(NamedTuple):
    """OrderMassStatusRequest(AF). request_type: 1 of a symbol, 7 all, 8 of a party."""

    request: Request
    request_type: str
    party: str | None


class TradesWanted(NamedTuple):
    """TradeCaptureReportRequest(AD). dates, times: none, from one on, or between two.

    subscription: 0 those until now, 1 those to come too, 2 no more of them.
    """

    request: Request
    request_id: str
    request_type: str
    subscription: str
    party: str | None
    dates: tuple[str, ...]
    times: tuple[str, ...]


class PositionsWanted(NamedTuple):
    """RequestForPositions(AN). symbol, currency: only these; empty: all. date: YYYYMMDD.

    account: Account(1), or the ledger's name for orders that have none.
    """

    request: Request
    request_id: str
    request_type: str
    subscription: str
    party: str | None
    account: str
    account_type: str
    symbol: str
    currency: str
    date: str


AnyRequest = ExecIDRange | OpenOrdersWanted | TradesWanted | PositionsWanted


def decode(session: str, frame: Frame) -> AnyRequest | None:
    """The request that a message states; None where drop-copy sessions do not take its type.

    Raises DecodeError.
    """
    decoder = _DECODERS.get(frame.msg_type)
    if decoder is None:
        return None
    request = Request(frame.msg_type, frame.number, frame.fields, route_of(frame.fields))
    try:
        return decoder(request, frame)
    except KeyError as missing:  # decoders read what is required by its tag
        tag = int(missing.args[0])
        raise DecodeError(SessionRejectReason.REQUIRED_TAG_MISSING, tag) from None


def _exec_id_range(request: Request, frame: Frame) -> ExecIDRange:
    return ExecIDRange(request, frame.fields["21001"], frame.fields["21002"])


def _open_orders(request: Request, frame: Frame) -> OpenOrdersWanted:
    frame.fields["584"]
    return OpenOrdersWanted(request, frame.fields["585"], frame.fields.get("448"))


def _trades(request: Request, frame: Frame) -> TradesWanted:
    get, listed = frame.fields.get, field_list(frame.text)
    return TradesWanted(
        request,
        frame.fields["568"],
        frame.fields["569"],
        get("263", "0"),
        get("448"),
        _range(listed, "75", _DATE),
        _range(listed, "60", _TIME),
    )


def _positions(request: Request, frame: Frame) -> PositionsWanted:
    get, date = frame.fields.get, frame.fields["715"]
    if not _DATE.fullmatch(date):
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, 715)
    try:
        datetime.strptime(date, "%Y%m%d")
    except ValueError:
        raise DecodeError(SessionRejectReason.VALUE_IS_INCORRECT, 715) from None
    return PositionsWanted(
        request,
        frame.fields["710"],
        frame.fields["724"],
        get("263", "0"),
        get("448"),
        frame.fields["1"],
        frame.fields["581"],
        get("55", ""),
        get("15", ""),
        date,
    )


def _range(listed: Sequence[tuple[str, str]], tag: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """One or two values of NoDates(580)."""
    values = tuple(value for own, value in listed if own == tag)
    if not all(map(form.fullmatch, values)):
        raise DecodeError(SessionRejectReason.INCORRECT_DATA_FORMAT, int(tag))
    if len(values) > 2 or list(values) != sorted(values):
        raise DecodeError(SessionRejectReason.VALUE_IS_INCORRECT, int(tag))
    return values


_DECODERS: dict[str, Callable[[Request, Frame], AnyRequest]] = {
    EXEC_ID_RANGE_REQUEST: _exec_id_range,
    "AF": _open_orders,
    "AD": _trades,
    "AN": _positions,
}


__all__ = [
    "EXEC_ID_RANGE_COMPLETE",
    "EXEC_ID_RANGE_REQUEST",
    "LAST",
    "AnyRequest",
    "ExecIDRange",
    "OpenOrdersWanted",
    "PositionsWanted",
    "Request",
    "TradesWanted",
    "decode",
]
