"""An order as the gateway's callers see it, and what an ExecutionReport makes of it. Pure.

Names are FIX's in snake case where FIX has them in words, values are words instead of codes;
numbers are exact decimal text.
"""

import msgspec

from venue.fixclient.message import Field, Message

SIDES = {"buy": "1", "sell": "2", "sell_short": "5"}
TYPES = {
    "market": "1", "limit": "2", "stop": "3", "stop_limit": "4", "market_to_limit": "K",
}  # fmt: skip
TIMES = {"day": "0", "gtc": "1", "ioc": "3", "fok": "4", "gtd": "6"}
STATES = {
    "0": "new", "1": "partially_filled", "2": "filled", "4": "canceled", "8": "rejected",
    "C": "expired",
}  # fmt: skip
OPEN = frozenset({"new", "partially_filled"})
_POST_ONLY = "6"
_SIDE_NAMES = {code: name for name, code in SIDES.items()}
_TYPE_NAMES = {code: name for name, code in TYPES.items()}
_TIME_NAMES = {code: name for name, code in TIMES.items()}


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """client_order_id: as it was entered; it is ClOrdID(11). code, text: of a refusal or an end
    that nobody asked for. number: grows with each change of any order of the session. entered: when
    it was entered, or as the gateway has heard of it first."""

    order_id: str
    client_order_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: str
    filled: str
    remaining: str
    average_price: str
    state: str
    price: str = ""
    stop_price: str = ""
    account: str = ""
    code: str = ""
    text: str = ""
    updated: str = ""
    number: int = 0
    entered: str = ""
    post_only: bool = False


class Fill(msgspec.Struct, frozen=True):
    """One execution of an order. match_id is the same for both sides. liquidity: maker or taker."""

    exec_id: str
    order_id: str
    client_order_id: str
    symbol: str
    side: str
    price: str
    quantity: str
    match_id: str
    liquidity: str
    time: str


class OrderNews(msgspec.Struct, frozen=True):
    """A change of an order, with the fill if it is one. number: gapless for each member.

    is_corrected: the venue has busted or corrected one of its trades.
    """

    number: int
    order: Order
    fill: Fill | None = None
    is_corrected: bool = False


def order_of(report: Message, known: Order | None, number: int) -> Order:
    """The order behind an ExecutionReport(8). known: as it was; keeps what it was entered as."""
    said = report.first
    code, text = code_of(said.get(58, ""))
    return Order(
        order_id=said.get(37, ""),
        client_order_id=known.client_order_id if known else said.get(41, "") or said.get(11, ""),
        symbol=said.get(55, ""),
        side=_SIDE_NAMES.get(said.get(54, ""), said.get(54, "")),
        type=_TYPE_NAMES.get(said.get(40, ""), said.get(40, "")),
        time_in_force=_TIME_NAMES.get(said.get(59, "0"), said.get(59, "")),
        quantity=said.get(38, ""),
        filled=said.get(14, "0"),
        remaining=said.get(151, "0"),
        average_price=said.get(6, "0"),
        state=STATES.get(said.get(39, ""), said.get(39, "")),
        price=said.get(44, ""),
        stop_price=said.get(99, ""),
        account=said.get(1, ""),
        code=code,
        text=text,
        updated=_iso(said.get(60, "")),
        number=number,
        entered=known.entered if known else _iso(report.get(60)),
        post_only=_POST_ONLY in report.get(18).split(),
    )


def fill_of(report: Message, order: Order) -> Fill:
    """The execution of an ExecutionReport with ExecType(150)=F."""
    said = report.first
    return Fill(
        exec_id=said.get(17, ""),
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        price=said.get(31, ""),
        quantity=said.get(32, ""),
        match_id=said.get(527, ""),
        liquidity="maker" if said.get(851, "") == "1" else "taker",
        time=_iso(said.get(60, "")),
    )


def code_of(text: str) -> tuple[str, str]:
    """The venue's code at the head of a Text(58), and all of the text; without one: empty."""
    head = text.partition(" ")[0].rstrip(":")
    is_code = len(head) > 2 and head.replace("_", "").isalnum() and head == head.upper()
    return (head if is_code and not head.isdigit() else "", text)


def new_order_fields(
    client_order_id: str,
    symbol: str,
    side: str,
    type_: str,
    quantity: str,
    time_in_force: str,
    transact_time: str,
    more: dict[int, str],
    trader: str = "",
) -> list[Field]:
    """Fields of a NewOrderSingle(D). trader: whose order it is, by PartyRole(452) 12; empty: nobody
    is named. Raises KeyError for a word that is none."""
    fields = [
        (11, client_order_id), (55, symbol), (54, SIDES[side]), (60, transact_time),
        (38, quantity), (40, TYPES[type_]), (59, TIMES[time_in_force]),
    ]  # fmt: skip
    terms = sorted((tag, text) for tag, text in more.items() if text)
    return [*fields, *terms, *parties_of(trader)]


def parties_of(trader: str) -> list[Field]:
    """Parties that name the executing trader; nobody, where it is empty."""
    return [(453, "1"), (448, trader), (447, "D"), (452, "12")] if trader else []


def _iso(stamp: str) -> str:
    """ISO 8601 of a UTCTimestamp; as it is where it is none."""
    if len(stamp) < 17:
        return stamp
    day, time = stamp[:8], stamp[9:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{time}Z"
