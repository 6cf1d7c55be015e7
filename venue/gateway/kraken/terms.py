"""The terms of an order as Kraken's clients say them, and the FIX fields that they become.

Pure but for the time of an order. What the venue does not offer is refused, never left out.
"""

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from venue.fixclient.message import Field, sending_time
from venue.gateway.kraken.errors import DEADLINE_PASSED, INVALID_ARGUMENTS, INVALID_ORDER, Refused
from venue.gateway.kraken.figures import ns_of_iso, number_text
from venue.gateway.kraken.names import Pair
from venue.gateway.order import SIDES, TIMES, TYPES, Order

ORDER_TYPES = {
    "market": "market",
    "limit": "limit",
    "iceberg": "limit",
    "stop-loss": "stop",
    "stop-loss-limit": "stop_limit",
}
"""The venue's order type of each of Kraken's that is offered."""
_KINDS = {"market": "market", "limit": "limit", "stop": "stop loss", "stop_limit": "stop loss"}
TIMES_IN_FORCE = ("gtc", "ioc", "gtd", "fok", "day")
_KNOWN_FLAGS = {"fciq", "post", ""}
SELF_MATCH = {"cancel-newest": "N", "cancel-oldest": "O", "cancel-both": "B"}
"""SelfMatchPreventionInstruction(8000) for each of Kraken's self trade preventions."""
_SELF_MATCH_ID = "kraken"
_NOTHING = (None, "", "none", "0", 0, "false", False, "None", "last")
_ID = frozenset(map(chr, range(0x21, 0x7F))) - {"|"}
_ID_MAX = 64
_SECOND_NS = 10**9


class Terms(msgspec.Struct, frozen=True):
    """A new order. order_type, self_match: Kraken's words. expires_ns: 0: not good till a date."""

    pair: Pair
    side: str
    order_type: str
    quantity: str
    price: str = ""
    stop_price: str = ""
    time_in_force: str = ""
    expires_ns: int = 0
    post_only: bool = False
    display_quantity: str = ""
    client_order_id: str = ""
    self_match: str = ""
    is_only_tried: bool = False

    @property
    def own_type(self) -> str:
        """The venue's order type."""
        return ORDER_TYPES.get(self.order_type, self.order_type)

    def sentence(self) -> str:
        """The order in Kraken's words: `buy 1.25 ACMEUSD @ limit 100.00`."""
        kind = _KINDS.get(self.own_type, self.own_type)
        words = f"{self.side} {self.quantity} {self.pair.id} @ {kind}"
        if self.stop_price:
            words += f" {self.stop_price}"
            return f"{words} -> limit {self.price}" if self.price else words
        return f"{words} {self.price}" if self.price else words


class Change(msgspec.Struct, frozen=True):
    """What is to be changed of an order; what is empty stays."""

    quantity: str = ""
    price: str = ""
    stop_price: str = ""
    display_quantity: str = ""
    post_only: bool = False


def invalid(argument: str, words: str = "") -> Refused:
    """A refusal of one argument."""
    return Refused(f"{INVALID_ARGUMENTS}:{argument}", words)


def number_of(params: Mapping[str, Any], name: str, argument: str = "") -> str:
    """A number of a request; empty where it is absent. Raises Refused."""
    value = params.get(name)
    if value in (None, ""):
        return ""
    text = number_text(value)
    if text is None:
        raise invalid(argument or name, f"{name} is no number with at most 8 decimals")
    return text


def flag_of(params: Mapping[str, Any], name: str) -> bool:
    """A switch of a request, as text or JSON. Raises Refused."""
    value = params.get(name, False)
    text = str(value).lower()
    if text not in ("true", "false", "1", "0", ""):
        raise invalid(name)
    return text in ("true", "1")


def change_of(params: Mapping[str, Any]) -> Change:
    """What a request changes of an order. Raises Refused."""
    return Change(
        quantity=number_of(params, "order_qty", "volume"),
        price=number_of(params, "limit_price", "price"),
        stop_price=number_of(params, "trigger_price", "price"),
        display_quantity=number_of(params, "display_qty"),
        post_only=flag_of(params, "post_only"),
    )


def client_id_of(params: Mapping[str, Any], name: str = "cl_ord_id") -> str:
    """A client's id of an order; empty where it is absent. Raises Refused."""
    value = params.get(name)
    if value in (None, ""):
        return ""
    text = str(value)
    if len(text) > _ID_MAX or not _ID.issuperset(text):
        raise invalid(name, "1 to 64 printable characters")
    return text


def refuse_unknown(params: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raise Refused for an argument that the venue has no meaning for, unless it asks nothing."""
    for name, value in params.items():
        if name not in known and not (isinstance(value, str | int | None) and value in _NOTHING):
            raise invalid(name, f"{name} is not offered here")


def ensure_in_time(params: Mapping[str, Any]) -> None:
    """Raise Refused where the request's deadline has passed."""
    value = params.get("deadline")
    if value in (None, ""):
        return
    until_ns = ns_of_iso(str(value))
    if not until_ns:
        raise invalid("deadline")
    if time.time_ns() > until_ns:
        raise Refused(DEADLINE_PASSED)


def checked(terms: Terms) -> Terms:
    """The terms with what was left out. Raises Refused for what can be no order of Kraken's."""
    needs_price = terms.own_type in ("limit", "stop_limit")
    needs_stop = terms.own_type in ("stop", "stop_limit")
    if not terms.quantity:
        raise invalid("volume")
    if needs_price != bool(terms.price) or needs_stop != bool(terms.stop_price):
        raise invalid("price")
    if (terms.order_type == "iceberg") != bool(terms.display_quantity):
        raise invalid("displayvol")
    time_in_force = terms.time_in_force or ("ioc" if terms.own_type == "market" else "gtc")
    if terms.own_type == "market" and time_in_force == "gtc":
        time_in_force = "ioc"  # a market order never rests
    if (time_in_force == "gtd") != bool(terms.expires_ns):
        raise invalid("expiretm")
    client_order_id = terms.client_order_id or f"kr-{secrets.token_hex(8)}"
    return msgspec.structs.replace(
        terms, time_in_force=time_in_force, client_order_id=client_order_id
    )


def new_order(terms: Terms) -> list[Field]:
    """Fields of the NewOrderSingle(D) of checked terms."""
    more = {
        18: "6" if terms.post_only else "",
        44: terms.price,
        99: terms.stop_price,
        111: terms.display_quantity,
        126: _utc(terms.expires_ns) if terms.expires_ns else "",
        7928: _SELF_MATCH_ID if terms.self_match else "",
        8000: SELF_MATCH.get(terms.self_match, ""),
    }
    return [
        (11, terms.client_order_id),
        (55, terms.pair.symbol),
        (54, SIDES[terms.side]),
        (60, sending_time()),
        (38, terms.quantity),
        (40, TYPES[terms.own_type]),
        (59, TIMES[terms.time_in_force]),
        *((tag, text) for tag, text in more.items() if text),
    ]


def changes_of(order: Order, change: Change) -> list[Field]:
    """Fields of the OrderCancelReplaceRequest(G) that changes an order so. Raises Refused."""
    if order.type not in TYPES or order.time_in_force not in TIMES:
        raise Refused(INVALID_ORDER, "orders of this kind are not entered here, nor changed")
    price = change.price or order.price
    stop_price = change.stop_price or order.stop_price
    more = {
        18: "6" if change.post_only else "",
        44: price,
        59: TIMES[order.time_in_force],
        99: stop_price,
        111: change.display_quantity,
    }
    return [
        (38, change.quantity or order.quantity),
        (40, TYPES[order.type]),
        *((tag, text) for tag, text in more.items() if text),
    ]


def expires_of(value: object) -> int:
    """When an order ends, in nanoseconds: seconds since 1970, or from now on with a plus; or ISO.

    0: nothing is said. Raises Refused.
    """
    text = str(value if value is not None else "").strip()
    if text in ("", "0"):
        return 0
    is_from_now = text.startswith("+")
    digits = text.removeprefix("+")
    if digits.isascii() and digits.isdigit() and len(digits) <= 11:
        return int(digits) * _SECOND_NS + (time.time_ns() if is_from_now else 0)
    found = ns_of_iso(text)
    if not found:
        raise invalid("expiretm")
    return found


def time_in_force_of(value: object) -> str:
    """The venue's word for a time in force; empty where nothing is said. Raises Refused."""
    text = str(value or "").lower()
    if text and text not in TIMES_IN_FORCE:
        raise invalid("timeinforce", f"there are {', '.join(TIMES_IN_FORCE)}")
    return text


def order_type_of(value: object) -> str:
    """Kraken's word for an order type that is offered. Raises Refused."""
    if not isinstance(value, str) or value not in ORDER_TYPES:
        raise Refused(INVALID_ORDER, f"order types are {', '.join(ORDER_TYPES)}")
    return value


def side_of(value: object, argument: str) -> str:
    """buy or sell. Raises Refused."""
    if value not in ("buy", "sell"):
        raise invalid(argument, "buy or sell")
    return str(value)


def self_match_of(value: object) -> str:
    """Which of two orders of the member gives way; empty where nothing is said. Raises Refused."""
    text = str(value or "")
    if text and text not in SELF_MATCH:
        raise invalid("stptype", f"there are {', '.join(SELF_MATCH)}")
    return text


def flags_of(value: object) -> bool:
    """Whether the order flags ask for post-only. Raises Refused for one that is not offered."""
    flags = set(str(value or "").split(","))
    if flags - _KNOWN_FLAGS:
        raise invalid("viqc" if "viqc" in flags else "oflags", "post and fciq are offered")
    return "post" in flags


def _utc(ns: int) -> str:
    moment = datetime.fromtimestamp(ns // _SECOND_NS, UTC)
    return moment.strftime("%Y%m%d-%H:%M:%S")
