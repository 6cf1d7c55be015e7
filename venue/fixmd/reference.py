"""What is traded, and whether it trades now: SecurityList(y), SecurityDefinition(d),
SecurityStatus(f) and TradingSessionStatus(h), once or with all that changes.

Pure but for the edge, by which answers leave. Knows the books' definitions and statuses only.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from venue.clock import utc_timestamp
from venue.domain.outgoing import Outgoing
from venue.domain.types import Phase
from venue.fix.frame import Frame
from venue.fix.groups import DecodeError
from venue.fix.routing import route_of
from venue.fix.tags import SessionRejectReason
from venue.fixmd.reader import Edge
from venue.fixmd.requests import SNAPSHOT, SUBSCRIBE, TRADING_SESSION, UNSUBSCRIBE
from venue.marketdata.followed_book import FollowedBook
from venue.marketdata.messages import Definition, Status

LIST_AT_ONCE = 100
"""Instruments of one SecurityList; the last part has LastFragment(893)=Y."""

_TRADING_STATUS = {
    Phase.START_OF_DAY: 18,
    Phase.PRE_OPEN: 21,
    Phase.OPENING_AUCTION: 22,
    Phase.CONTINUOUS: 17,
    Phase.HALT: 2,
    Phase.VOLATILITY_AUCTION: 5,
    Phase.CLOSING_AUCTION: 5,
    Phase.CLOSED: 18,
}
"""SecurityTradingStatus(326)."""
_NOT_AVAILABLE, _UNKNOWN = 18, 20
_SESSION_STATUS = {
    Phase.START_OF_DAY: 3,
    Phase.PRE_OPEN: 4,
    Phase.OPENING_AUCTION: 4,
    Phase.CONTINUOUS: 2,
    Phase.HALT: 1,
    Phase.VOLATILITY_AUCTION: 2,
    Phase.CLOSING_AUCTION: 5,
    Phase.CLOSED: 3,
}
"""TradSesStatus(340); 0: unknown, 6: the request is refused."""


class _Asked(NamedTuple):
    """A subscription: whose it is, its request's id, what it is to. symbol "": all of them."""

    session: str
    request_id: str
    symbol: str
    route: str


class Reference:
    """books: all that there are, by symbol."""

    def __init__(self, edge: Edge, books: Mapping[str, FollowedBook]) -> None:
        self._edge = edge
        self._books = books
        self._subscribed: dict[str, dict[tuple[str, str], _Asked]] = {
            msg_type: {} for msg_type in _IDS
        }
        self._said: tuple[int, str] | None = None

    def received(self, session: str, frame: Frame) -> None:
        """Answer x, c, e or g. Raises DecodeError."""
        fields = frame.fields
        id_tag = _IDS[frame.msg_type]
        if id_tag not in fields:
            raise DecodeError(SessionRejectReason.REQUIRED_TAG_MISSING, int(id_tag))
        way = fields.get("263", SNAPSHOT)
        if way not in (SNAPSHOT, SUBSCRIBE, UNSUBSCRIBE):
            raise DecodeError(SessionRejectReason.VALUE_IS_INCORRECT, 263)
        asked = _Asked(session, fields[id_tag], fields.get("55", ""), route_of(fields))
        subscribed = self._subscribed[frame.msg_type]
        if way == UNSUBSCRIBE:
            subscribed.pop((session, asked.request_id), None)
            return
        answer = {"x": self._list, "c": self._define, "e": self._status, "g": self._session}
        is_found = answer[frame.msg_type](asked, frame)
        if way == SUBSCRIBE and is_found:
            subscribed[session, asked.request_id] = asked

    def forget(self, session: str) -> None:
        """The session has ended, and its subscriptions with it."""
        for subscribed in self._subscribed.values():
            for key in [key for key in subscribed if key[0] == session]:
                del subscribed[key]

    def changed(self, book: FollowedBook, *, status: bool, definition: bool) -> None:
        """Tell the subscribers what has changed of a symbol."""
        if definition:
            for asked in self._subscribers("x", book.symbol):
                self._put(asked, _security_list(asked.request_id, [book], 1, is_last=True))
            for asked in self._subscribers("c", book.symbol):
                self._put(asked, _definition(asked.request_id, book))
        if status:
            for asked in self._subscribers("e", book.symbol):
                self._put(asked, self._status_text(asked.request_id, book, "Y"))
            before, self._said = self._said, self._phase()
            if self._said != before:
                for asked in self._subscribers("g", ""):
                    self._put(asked, _session_status(asked.request_id, *self._said, "Y"))

    # --- each answers, and says whether what it was asked about is there

    def _list(self, asked: _Asked, frame: Frame) -> bool:
        how = frame.fields.get("559", "4")
        if how == "0":
            found = [self._books[asked.symbol]] if asked.symbol in self._books else []
        elif how == "4" or (how == "3" and frame.fields.get("336") == TRADING_SESSION):
            found = [self._books[symbol] for symbol in sorted(self._books)]
        elif how == "3":
            found = []
        else:
            self._put(asked, _no_list(asked.request_id, 5))
            return False
        if not found:
            self._put(asked, _no_list(asked.request_id, 2))
            return False
        for at in range(0, len(found), LIST_AT_ONCE):
            part = found[at : at + LIST_AT_ONCE]
            is_last = at + LIST_AT_ONCE >= len(found)
            self._put(asked, _security_list(asked.request_id, part, len(found), is_last=is_last))
        return True

    def _define(self, asked: _Asked, frame: Frame) -> bool:
        how = frame.fields.get("321", "0")
        if how == "3":
            found = [self._books[symbol] for symbol in sorted(self._books)]
        elif how in ("0", "1"):
            found = [self._books[asked.symbol]] if asked.symbol in self._books else []
        else:
            self._put(asked, _no_definition(asked, 5, f"321={how} is none of 0, 1 and 3"))
            return False
        if not found:
            self._put(asked, _no_definition(asked, 6, "UNKNOWN_SYMBOL 55 is not traded here"))
        for book in found:
            self._put(asked, _definition(asked.request_id, book))
        return bool(found)

    def _status(self, asked: _Asked, frame: Frame) -> bool:
        book = self._books.get(asked.symbol)
        if book is None:
            self._put(
                asked,
                f"35=f\x01324={asked.request_id}\x0155={asked.symbol}\x01325=N\x01326={_UNKNOWN}\x01"
                "58=UNKNOWN_SYMBOL 55 is not traded here\x01",
            )
            return False
        self._put(asked, self._status_text(asked.request_id, book, "N"))
        return True

    def _session(self, asked: _Asked, frame: Frame) -> bool:
        name = frame.fields.get("336", TRADING_SESSION)
        if name != TRADING_SESSION:
            text = f"325=N\x01340=6\x01567=1\x0158=there is {TRADING_SESSION} only\x01"
            self._put(asked, f"35=h\x01335={asked.request_id}\x01336={name}\x01{text}")
            return False
        self._said = self._phase()
        self._put(asked, _session_status(asked.request_id, *self._said, "N"))
        return True

    def _status_text(self, request_id: str, book: FollowedBook, unsolicited: str) -> str:
        status, day = book.status, book.statistics
        prices = ""
        if day is not None:
            named = (("332", day.high), ("333", day.low), ("31", day.last))
            prices = "".join(f"{tag}={price}\x01" for tag, price in named if price is not None)
        return (
            f"35=f\x01324={request_id}\x0155={book.symbol}\x01336={TRADING_SESSION}\x01"
            f"325={unsolicited}\x01326={_trading_status(status)}\x01{prices}"
            f"60={utc_timestamp(book.timestamp_ns)}\x0158={_phase_text(status)}\x01"
        )

    def _phase(self) -> tuple[int, str]:
        """TradSesStatus(340) and its words: the venue's own phase, as it was said last."""
        said = [
            (status.event_seq, status.session_phase, status.trading_day)
            for book in self._books.values()
            if (status := book.status) is not None and status.session_phase is not None
        ]
        if not said:
            return 0, "UNKNOWN"
        _, phase, day = max(said)
        return _SESSION_STATUS[phase], f"{phase} of {day}"

    def _subscribers(self, msg_type: str, symbol: str) -> Iterator[_Asked]:
        for asked in [*self._subscribed[msg_type].values()]:
            if asked.symbol in ("", symbol):
                yield asked

    def _put(self, asked: _Asked, text: str) -> None:
        self._edge.put(Outgoing(asked.session, text, asked.route))


_IDS = {"x": "320", "c": "320", "e": "324", "g": "335"}
"""MsgType -> the tag of its request's id."""


def _session_status(request_id: str, status: int, text: str, unsolicited: str) -> str:
    return (
        f"35=h\x01335={request_id}\x01336={TRADING_SESSION}\x01325={unsolicited}\x01"
        f"340={status}\x0158={text}\x01"
    )


def _trading_status(status: Status | None) -> int:
    if status is None:
        return _UNKNOWN
    return _NOT_AVAILABLE if status.disabled else _TRADING_STATUS[status.phase]


def _phase_text(status: Status | None) -> str:
    if status is None:
        return "UNKNOWN"
    return "DISABLED" if status.disabled else status.phase


def _terms(defined: Definition | None) -> str:
    """What the stock dictionary has no field for, as NAME=VALUE words."""
    if defined is None:
        return ""
    return (
        f"tick_size={defined.tick_size} lot_size={defined.lot_size} "
        f"price_decimals={defined.price_decimals} quantity_decimals={defined.quantity_decimals} "
        f"asset={defined.asset} reference_price={defined.reference_price} "
        f"price_collar_percent={defined.price_collar_percent} max_quantity={defined.max_order_qty}"
    )


def _instrument(book: FollowedBook) -> str:
    defined = book.definition
    if defined is None:
        return f"55={book.symbol}\x01"
    sizes = f"15={defined.currency}\x01561={defined.lot_size}\x01"
    return f"55={book.symbol}\x01{sizes}58={_terms(defined)}\x01"


def _security_list(
    request_id: str, books: Sequence[FollowedBook], total: int, *, is_last: bool
) -> str:
    listed = "".join(map(_instrument, books))
    return (
        f"35=y\x01320={request_id}\x01322={request_id}\x01560=0\x01393={total}\x01"
        f"893={'Y' if is_last else 'N'}\x01146={len(books)}\x01{listed}"
    )


def _no_list(request_id: str, result: int) -> str:
    return f"35=y\x01320={request_id}\x01322={request_id}\x01560={result}\x01"


def _definition(request_id: str, book: FollowedBook) -> str:
    defined = book.definition
    terms = ""
    if defined is not None:
        terms = f"15={defined.currency}\x01336={TRADING_SESSION}\x0158={_terms(defined)}\x01"
        terms += f"561={defined.lot_size}\x01"
    return f"35=d\x01320={request_id}\x01322={request_id}\x01323=1\x0155={book.symbol}\x01{terms}"


def _no_definition(asked: _Asked, response: int, text: str) -> str:
    symbol = f"55={asked.symbol}\x01" if asked.symbol else ""
    head = f"35=d\x01320={asked.request_id}\x01322={asked.request_id}\x01323={response}\x01"
    return f"{head}{symbol}58={text}\x01"


__all__ = ["LIST_AT_ONCE", "Reference"]
