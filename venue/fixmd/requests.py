"""MarketDataRequest(V) as the core acts on it, or the code by which it is refused.

Pure. Knows FIX 4.4 volume 3, MarketDataRequest; the books are not asked here.
"""

from typing import NamedTuple

from venue.fix.fields import field_list
from venue.fix.frame import Frame
from venue.fix.groups import DecodeError
from venue.fix.tags import SessionRejectReason

SNAPSHOT, SUBSCRIBE, UNSUBSCRIBE = "0", "1", "2"
OFFERED = "0124578" + "9B"
"""MDEntryTypes: bid, offer, trade, open, close, high, low, VWAP, volume.

Of the others of FIX 4.4 the venue has nothing: no index (3), no settlement price (6), no
imbalance (A), for there are no auctions, no open interest (C).
"""
TRADING_SESSION = "DAY"
"""The only TradingSessionID(336)."""
MOST_LEVELS = 10_000


class RejReason:
    """MDReqRejReason(281)."""

    UNKNOWN_SYMBOL = "0"
    DUPLICATE_ID = "1"
    BANDWIDTH = "2"
    SUBSCRIPTION_TYPE = "4"
    MARKET_DEPTH = "5"
    UPDATE_TYPE = "6"
    AGGREGATED_BOOK = "7"
    ENTRY_TYPE = "8"
    TRADING_SESSION = "9"
    SCOPE = "A"
    OPEN_CLOSE_SETTL_FLAG = "B"
    IMPLICIT_DELETE = "C"


class RequestRefused(Exception):
    """A request that is answered by MarketDataRequestReject(Y): its MDReqRejReason(281), and why.

    reason "": none of the codes fits.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class Look(NamedTuple):
    """One way to look at a book. depth: levels of each side, 0: all. by_order: each order (L3).

    incremental: changes are sent by X, else each is a whole W. types: MDEntryTypes, sorted.
    """

    depth: int
    by_order: bool
    incremental: bool
    types: str

    @property
    def sides(self) -> tuple[bool, bool]:
        """Whether bids and offers are looked at."""
        return "0" in self.types, "1" in self.types


class Request(NamedTuple):
    """way: SNAPSHOT, SUBSCRIBE or UNSUBSCRIBE, for which look and symbols do not matter."""

    request_id: str
    way: str
    look: Look
    symbols: tuple[str, ...]


NO_LOOK = Look(0, by_order=False, incremental=False, types="")


def market_data_request(frame: Frame) -> Request:
    """What a V asks for. Raises RequestRefused, and DecodeError where a field is missing.

    Whoever unsubscribes needs MDReqID(262) and 263=2 only, whatever the standard requires.
    """
    fields = frame.fields
    request_id, way = fields["262"], fields["263"]
    if way == UNSUBSCRIBE:
        return Request(request_id, way, NO_LOOK, ())
    if way not in (SNAPSHOT, SUBSCRIBE):
        raise RequestRefused(RejReason.SUBSCRIPTION_TYPE, f"263={way} is none of 0, 1 and 2")
    for tag in ("264", "267", "146"):
        if tag not in fields:
            raise DecodeError(SessionRejectReason.REQUIRED_TAG_MISSING, int(tag))
    listed = field_list(frame.text)
    types = dict.fromkeys(value for tag, value in listed if tag == "269")
    symbols = dict.fromkeys(value for tag, value in listed if tag == "55")
    for name in types:
        if name not in OFFERED:
            offered = ", ".join(OFFERED)
            raise RequestRefused(RejReason.ENTRY_TYPE, f"269={name} is not offered; {offered} are")
    _refuse_what_is_not_offered(frame)
    return Request(request_id, way, _look(frame, types), tuple(symbols))


def _look(frame: Frame, types: dict[str, None]) -> Look:
    fields = frame.fields
    depth, update_type, aggregated = fields["264"], fields.get("265", "1"), fields.get("266", "Y")
    if not depth.isdecimal() or int(depth) > MOST_LEVELS:
        text = f"264={depth} is not from 0 (all levels) to {MOST_LEVELS}"
        raise RequestRefused(RejReason.MARKET_DEPTH, text)
    if update_type not in ("0", "1"):
        text = f"265={update_type} is neither 0 (whole books) nor 1 (changes)"
        raise RequestRefused(RejReason.UPDATE_TYPE, text)
    if aggregated not in ("Y", "N"):
        text = f"266={aggregated} is neither Y (levels) nor N (orders)"
        raise RequestRefused(RejReason.AGGREGATED_BOOK, text)
    if aggregated == "N" and depth != "0":
        raise RequestRefused(RejReason.MARKET_DEPTH, "order by order, 266=N, there is 264=0 only")
    return Look(int(depth), aggregated == "N", update_type == "1", "".join(sorted(types)))


def _refuse_what_is_not_offered(frame: Frame) -> None:
    fields = frame.fields
    if fields.get("336", TRADING_SESSION) != TRADING_SESSION:
        text = f"336={fields['336']} is not {TRADING_SESSION}"
        raise RequestRefused(RejReason.TRADING_SESSION, text)
    if fields.get("546", "1") != "1":
        raise RequestRefused(RejReason.SCOPE, f"546={fields['546']} is not 1, the local market")
    if "286" in fields:
        raise RequestRefused(RejReason.OPEN_CLOSE_SETTL_FLAG, "286 is not taken")
    if fields.get("547", "N") != "N":
        text = "547=Y is not offered: what is deleted is said"
        raise RequestRefused(RejReason.IMPLICIT_DELETE, text)


__all__ = [
    "NO_LOOK",
    "OFFERED",
    "SNAPSHOT",
    "SUBSCRIBE",
    "TRADING_SESSION",
    "UNSUBSCRIBE",
    "Look",
    "RejReason",
    "Request",
    "RequestRefused",
    "market_data_request",
]
