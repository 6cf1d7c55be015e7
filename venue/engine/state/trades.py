"""Trades as the engine remembers them for busts and corrections, some trading days long.

Those that nobody has looked at lately are packed: there may be millions.
"""

import marshal
import zlib
from collections.abc import Iterator
from operator import attrgetter

from sortedcontainers import SortedDict

_IN_CHUNK = 32
_LOADED_MAX = 4
_DIGITS_MAX = 18
_QUICKLY = 1
_values_of = attrgetter(
    "symbol", "buy", "sell", "price_ticks", "lots", "amount", "fee", "exec_ref_seq", "trading_day",
    "earlier", "busted", "due", "sell_fee", "roles",
)  # fmt: skip
"""The values of a trade, as its constructor takes them."""


class Trade:
    """One match. buy and sell: OrderIDs. amount, fee (the buyer's) and sell_fee are in 10^-8 of the
    currency. roles: which fees of a schedule its sides pay (venue.engine.trading.fees).

    exec_ref_seq: event_seq of the trade, or of its latest bust or correction. trading_day: its own.
    earlier: number of the trade before it in its market, which may be forgotten; 0: of none.
    due: its settlement date; "": it was settled at once.
    """

    __slots__ = (
        "amount",
        "busted",
        "buy",
        "due",
        "earlier",
        "exec_ref_seq",
        "fee",
        "lots",
        "price_ticks",
        "roles",
        "sell",
        "sell_fee",
        "symbol",
        "trading_day",
    )

    def __init__(
        self,
        symbol: str,
        buy: str,
        sell: str,
        price_ticks: int,
        lots: int,
        amount: int,
        fee: int,
        exec_ref_seq: int,
        trading_day: str,
        earlier: int,
        busted: bool = False,
        due: str = "",
        sell_fee: int | None = None,
        roles: int = 0,
    ) -> None:
        """sell_fee None: as the buyer's."""
        self.symbol = symbol
        self.buy = buy
        self.sell = sell
        self.price_ticks = price_ticks
        self.lots = lots
        self.amount = amount
        self.fee = fee
        self.exec_ref_seq = exec_ref_seq
        self.trading_day = trading_day
        self.earlier = earlier
        self.busted = busted
        self.due = due
        self.sell_fee = fee if sell_fee is None else sell_fee
        self.roles = roles

    def fee_of(self, is_buy: bool) -> int:
        """What a side has paid."""
        return self.fee if is_buy else self.sell_fee


class Trades:
    """The trades by match id, in order of their numbers.

    Those of the chunks that were used last are loaded, the others packed. Who changes a trade puts
    it back: the next look may find another object.
    """

    __slots__ = ("_count", "_loaded", "_packed")

    def __init__(self) -> None:
        self._packed: SortedDict[int, bytes] = SortedDict()
        """By number // 32: the trades of these numbers; nothing where they are loaded."""
        self._loaded: dict[int, dict[int, Trade]] = {}
        self._count = 0

    def put(self, match_id: str, trade: Trade) -> None:
        """Add a trade, or put one back that was changed."""
        number = int(match_id.removeprefix("M"))
        place = number // _IN_CHUNK
        if place not in self._loaded and place not in self._packed:
            self._packed[place] = b""
            self._load(place, {})
        chunk = self._chunk(place)
        self._count += number not in chunk
        chunk[number] = trade

    def forget(self, number: int) -> None:
        """Remove a trade that is there."""
        place = number // _IN_CHUNK
        chunk = self._chunk(place)
        del chunk[number]
        self._count -= 1
        if not chunk:
            del self._loaded[place]
            del self._packed[place]

    def get(self, match_id: str) -> Trade | None:
        """The trade, None where there is none."""
        digits = match_id[1:]
        if len(digits) > _DIGITS_MAX or not digits.isdecimal():
            return None
        return self.numbered(int(digits)) if match_id == f"M{int(digits)}" else None

    def numbered(self, number: int) -> Trade | None:
        """The trade with this number, None where there is none."""
        return self._chunk(number // _IN_CHUNK).get(number)

    def items(self) -> Iterator[tuple[str, Trade]]:
        """All trades with their match ids; none may be added meanwhile."""
        for place in self._packed:
            for number, trade in sorted(self._chunk(place).items()):
                yield f"M{number}", trade

    def latest(self) -> Iterator[tuple[str, Trade]]:
        """The same, the last trade first."""
        for place in reversed(self._packed):
            for number, trade in sorted(self._chunk(place).items(), reverse=True):
                yield f"M{number}", trade

    def values(self) -> Iterator[Trade]:
        """All trades; none may be added meanwhile."""
        return (trade for _, trade in self.items())

    @property
    def first_number(self) -> int | None:
        """The lowest number, None without trades."""
        return min(self._chunk(self._packed.keys()[0])) if self._packed else None

    def __contains__(self, match_id: object) -> bool:
        return isinstance(match_id, str) and self.get(match_id) is not None

    def __iter__(self) -> Iterator[str]:
        return (match_id for match_id, _ in self.items())

    def __len__(self) -> int:
        return self._count

    def _chunk(self, place: int) -> dict[int, Trade]:
        """The trades of a chunk, loaded; empty where there is none."""
        chunk = self._loaded.get(place)
        if chunk is None:
            packed = self._packed.get(place)
            if packed is None:
                return {}
            chunk = {
                number: Trade(*rest) for number, *rest in marshal.loads(zlib.decompress(packed))
            }
            self._load(place, chunk)
        return chunk

    def _load(self, place: int, chunk: dict[int, Trade]) -> None:
        if len(self._loaded) == _LOADED_MAX:
            longest = next(iter(self._loaded))
            self._packed[longest] = _packed(self._loaded.pop(longest))
        self._loaded[place] = chunk
        self._packed[place] = b""


def _packed(chunk: dict[int, Trade]) -> bytes:
    trades = [(number, *_values_of(trade)) for number, trade in chunk.items()]
    return zlib.compress(marshal.dumps(trades), _QUICKLY)
