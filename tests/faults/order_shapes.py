"""What a new order of the load looks like: every order type and time in force, by weight.

Knows FIX tags; draws from the given source only, so that a seed repeats it.
"""

import random
from collections.abc import Callable

CROSSING = 0.20
SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA", "BTC-USD")
_CENTRE_CENTS = {"BTC-USD": 5_000_000}
_RESTING_TIMES = ("0", "0", "0", "1", "6")  # TimeInForce(59): day, GTC, GTD
_CROSSING_TIMES = ("0", "1", "3", "4")  # day, GTC, IOC, FOK
_LONG = "20991231"


def price(draw: random.Random, symbol: str, side: str, *, crosses: bool) -> str:
    """Beside the centre on the order's own side, or on the other side when it is to cross."""
    away = draw.randint(1, 60)
    return _cents(symbol, -away if (side == "1") != crosses else away)


def quantity(draw: random.Random, symbol: str) -> str:
    """An OrderQty(38)."""
    if symbol == "BTC-USD":
        return f"0.{draw.randint(1, 99_999_999):08d}"
    return str(draw.randint(1, 100))


def new_order(draw: random.Random, cl_ord_id: str) -> str:
    """Body of a NewOrderSingle(D), fields ended by SOH, without TransactTime(60)."""
    symbol, side = draw.choice(SYMBOLS), draw.choice("12")
    shape = draw.choices(_SHAPES, _WEIGHTS)[0]
    head = f"11={cl_ord_id}\x0155={symbol}\x0154={side}\x0138={quantity(draw, symbol)}\x01"
    return head + shape(draw, symbol, side)


def _limit(draw: random.Random, symbol: str, side: str) -> str:
    crosses = draw.random() < CROSSING
    time_in_force = draw.choice(_CROSSING_TIMES if crosses else _RESTING_TIMES)
    text = f"40=2\x0144={price(draw, symbol, side, crosses=crosses)}\x0159={time_in_force}\x01"
    return text + (f"432={_LONG}\x01" if time_in_force == "6" else "")


def _iceberg(draw: random.Random, symbol: str, side: str) -> str:
    slice_ = "0.00000001" if symbol == "BTC-USD" else "1"
    return f"40=2\x0144={price(draw, symbol, side, crosses=False)}\x01111={slice_}\x01"


def _market(draw: random.Random, symbol: str, side: str) -> str:
    return "40=1\x01"


def _market_to_limit(draw: random.Random, symbol: str, side: str) -> str:
    return "40=K\x01"


def _stop(draw: random.Random, symbol: str, side: str) -> str:
    """Its StopPx(99) is on the side where a trade away from the centre triggers it."""
    return f"40=3\x0199={price(draw, symbol, side, crosses=True)}\x0159={draw.choice('01')}\x01"


def _stop_limit(draw: random.Random, symbol: str, side: str) -> str:
    stop_px = price(draw, symbol, side, crosses=True)
    return f"40=4\x0199={stop_px}\x0144={price(draw, symbol, side, crosses=True)}\x0159=0\x01"


def _pegged(draw: random.Random, symbol: str, side: str) -> str:
    offset = "-0.05" if side == "1" else "0.05"
    return f"40=P\x0118={draw.choice('RM')}\x01211={offset}\x01"


def _post_only(draw: random.Random, symbol: str, side: str) -> str:
    crosses = draw.random() < CROSSING
    return f"40=2\x0144={price(draw, symbol, side, crosses=crosses)}\x0118=6\x01"


def _ended_by_a_halt(draw: random.Random, symbol: str, side: str) -> str:
    return f"40=2\x0144={price(draw, symbol, side, crosses=False)}\x0118=K\x01"


def _minimum(draw: random.Random, symbol: str, side: str) -> str:
    least = "0.00000001" if symbol == "BTC-USD" else "1"
    crossing = price(draw, symbol, side, crosses=True)
    return f"40=2\x0144={crossing}\x0159=3\x01110={least}\x01"


_TABLE: dict[Callable[[random.Random, str, str], str], int] = {
    _limit: 1600,
    _iceberg: 60,
    _market: 80,
    _market_to_limit: 60,
    _stop: 60,
    _stop_limit: 60,
    _post_only: 40,
    _ended_by_a_halt: 40,
    _minimum: 20,
    _pegged: 4,  # few: each is told of every move of the best price
}
_SHAPES, _WEIGHTS = tuple(_TABLE), tuple(_TABLE.values())


def _cents(symbol: str, away: int) -> str:
    cents = _CENTRE_CENTS.get(symbol, 10_000) + away
    return f"{cents // 100}.{cents % 100:02d}"
