"""An order as the reference venue keeps it: terms, live fills and a place; all else is worked out.

Written from the rules of engagement; knows nothing of the engine.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
BOOK, STOP, WHOLE, AUCTION = "book", "stop", "whole", "auction"


@dataclass
class Paper:
    """An instrument in the reference: numbers as the configuration says them."""

    symbol: str
    tick: Decimal
    lot: Decimal
    low: int
    high: int
    max_lots: int
    max_value: Decimal

    def value(self, ticks: int, lots: int) -> Decimal:
        """Money, rounded once to 8 decimals, halves away from zero."""
        exact = EXACT.multiply(EXACT.multiply(ticks, self.tick), EXACT.multiply(lots, self.lot))
        return EXACT.quantize(exact, Decimal("1e-8"))

    def average(self, fills: "list[RefFill]") -> Decimal:
        """AvgPx: the exact mean to 8 decimals, halves away from zero; 0 without fills."""
        lots = sum(fill.lots for fill in fills)
        if not lots:
            return Decimal(0)
        mean = Fraction(sum(fill.ticks * fill.lots for fill in fills), lots) * Fraction(self.tick)
        scaled = (2 * mean.numerator * 10**8 + mean.denominator) // (2 * mean.denominator)
        return Decimal(scaled).scaleb(-8)


@dataclass
class RefFill:
    """One fill of one order."""

    ticks: int
    lots: int
    day: str


@dataclass(eq=False)
class RefOrder:
    """An order. limit: the furthest price it trades to; price: the one it shows, if any.

    since: when it joined what it rests or waits in. first_since: when it was last entered or
    replaced without keeping its place. shown: what an order in the book shows of itself.
    """

    number: int
    session: str
    member: str
    paper: Paper
    buy: bool
    ord_type: str
    tif: str
    instructions: frozenset[str]
    cl_ord_id: str
    quantity: int
    limit: int
    price: int | None
    stop: int | None
    min_lots: int
    floor: int
    offset: int
    same: str | None
    mode: str | None
    expire_ns: int | None
    expire_date: str | None
    modified_ns: int
    status: str = "0"
    place: str | None = None
    since: int = 0
    first_since: int = 0
    shown: int = 0
    triggered: bool = False
    entered_on: str = ""
    side: str = "1"
    fills: list[RefFill] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it can still trade."""
        return self.status in ("0", "1")

    @property
    def filled(self) -> int:
        """CumQty."""
        return sum(fill.lots for fill in self.fills)

    @property
    def leaves(self) -> int:
        """LeavesQty."""
        return self.quantity - self.filled if self.open else 0

    @property
    def whole_only(self) -> bool:
        """All-or-none or fill-or-kill."""
        return "G" in self.instructions or self.tif == "4"

    def slice(self) -> int:
        """What it shows when it joins the back of a queue."""
        return min(self.floor, self.leaves) if self.floor else self.leaves

    def reaches(self, ticks: int) -> bool:
        """Whether its limit lets it trade at a price."""
        return ticks <= self.limit if self.buy else ticks >= self.limit

    def queue_key(self) -> tuple[int, int]:
        """Price, then time."""
        return (-self.limit if self.buy else self.limit, self.since)

    def view(self, day: str) -> tuple[object, ...]:
        """What reports say of it."""
        today = [fill for fill in self.fills if fill.day == day]
        before = self.filled - sum(fill.lots for fill in today)
        return (
            self.number,
            self.session,
            self.cl_ord_id,
            self.status,
            self.quantity,
            self.leaves,
            self.filled,
            self.paper.average(self.fills),
            self.price,
            self.stop,
            self.floor or None,
            self.instructions,
            (self.expire_ns, self.expire_date),
            self.shown if self.floor and self.place == BOOK else None,
            self.open and self.place in (STOP, WHOLE, AUCTION),
            None
            if self.entered_on == day
            else (
                self.quantity - before,
                self.filled - before,
                self.paper.average(today),
            ),
        )
