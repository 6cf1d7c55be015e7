"""One instrument of the reference venue: a list of open orders, sorted anew whenever it matters.

Slow and plain on purpose; says what happens through the function it is given.
"""

from collections.abc import Callable

from tests.reference.orders import AUCTION, BOOK, STOP, WHOLE, Paper, RefFill, RefOrder

Say = Callable[..., None]
SAME_ID = "SELF_MATCH_PREVENTED"


class RefTrade:
    """A match: its orders, what it is worth now, and the fill of each order."""

    def __init__(self, buy: RefOrder, sell: RefOrder, ticks: int, lots: int, day: str) -> None:
        self.buy, self.sell, self.ticks, self.lots = buy, sell, ticks, lots
        self.fills = (RefFill(ticks, lots, day), RefFill(ticks, lots, day))
        self.day = day
        self.busted = False
        self.last_event = 0


class ReferenceMarket:
    """Open orders of one instrument and the rules by which they trade."""

    def __init__(self, paper: Paper, say: Say, traded: Callable[[RefTrade], int]) -> None:
        self.paper = paper
        self.say = say
        self.traded = traded
        self.orders: list[RefOrder] = []
        self.last: int | None = None
        self.unseen: list[int] = []
        self.day = ""
        self.is_open = False
        self.clock = 0

    def tick_clock(self) -> int:
        """Next moment: later is behind."""
        self.clock += 1
        return self.clock

    def queue(self, buy: bool) -> list[RefOrder]:
        """What rests on a side, first come first."""
        resting = [o for o in self.orders if o.place == BOOK and o.buy == buy]
        return sorted(resting, key=RefOrder.queue_key)

    def waiting_in(self, place: str) -> list[RefOrder]:
        """What waits in a place, first come first."""
        return sorted((o for o in self.orders if o.place == place), key=lambda o: o.since)

    def first_against(self, order: RefOrder) -> RefOrder | None:
        """The resting order that this one would trade with now."""
        queue = self.queue(not order.buy)
        return queue[0] if queue and order.reaches(queue[0].limit) else None

    def place_of(self, order: RefOrder) -> str | None:
        """Where an accepted or replaced order waits; None: it is worked at once."""
        if order.stop is not None and not order.triggered:
            return None if self.is_through(order, self.last) else STOP
        if order.tif in ("2", "7"):
            return AUCTION
        if "G" in order.instructions and order.tif not in ("3", "4") and order.price is not None:
            return None if self.can_be_had(order) else WHOLE
        return None

    def is_through(self, order: RefOrder, ticks: int | None) -> bool:
        """Whether a trade at this price triggers the stop."""
        if ticks is None or order.stop is None:
            return False
        return ticks >= order.stop if order.buy else ticks <= order.stop

    def can_be_had(self, order: RefOrder) -> bool:
        """Play the match on paper: does the order get all it must get at once?"""
        if not order.whole_only and not order.min_lots:
            return True
        must = order.leaves if order.whole_only else order.min_lots
        queue = [(o.limit, o.shown, o.leaves, o) for o in self.queue(not order.buy)]
        got = 0
        while got < must and queue and order.reaches(queue[0][0]):
            price, shown, leaves, resting = queue.pop(0)
            if order.same is not None and order.same == resting.same:
                if order.mode != "O":
                    return False
                continue
            got += shown
            if leaves > shown:
                behind = sum(1 for entry in queue if entry[0] == price)
                left = leaves - shown
                queue.insert(behind, (price, min(resting.floor, left), left, resting))
        return got >= must

    def begin(self, order: RefOrder) -> None:
        """Take in an order that has been accepted or replaced, and see what follows."""
        if order not in self.orders:
            self.orders.append(order)
        order.first_since = order.since = self.tick_clock()
        if order.stop is not None and not order.triggered and order.place is None:
            self.trigger(order)
        elif order.place is None:
            self.work(order)
        self.settle()

    def work(self, order: RefOrder) -> None:
        """Trade what can be traded; the rest stays or goes."""
        first = self.first_against(order)
        if "6" in order.instructions and first is not None:
            self.cancel(order, text="POST_ONLY_WOULD_TAKE")
            return
        if order.ord_type == "K" and order.price is None:
            while order.open and first is not None and order.same == first.same is not None:
                self.prevent(order, first)
                first = self.first_against(order)
            if not order.open:
                return
            if first is not None:
                order.price = order.limit = first.limit
        if self.can_be_had(order):
            while order.leaves and (first := self.first_against(order)) is not None:
                if order.same is not None and order.same == first.same:
                    self.prevent(order, first)
                else:
                    self.trade(order, first)
        if not order.open:
            return
        if order.price is not None and order.tif not in ("3", "4"):
            order.place = BOOK
            order.since = self.tick_clock()
            order.shown = order.slice()
        else:
            self.cancel(order)

    def trade(self, order: RefOrder, resting: RefOrder) -> None:
        """One fill of both at the resting order's price, of no more than it shows."""
        ticks, lots = resting.limit, min(order.leaves, resting.shown)
        buy, sell = (order, resting) if order.buy else (resting, order)
        match = RefTrade(buy, sell, ticks, lots, self.day)
        buy.fills.append(match.fills[0])
        sell.fills.append(match.fills[1])
        resting.shown -= lots
        for each in (order, resting):
            each.status = "1" if each.leaves else "2"
        if resting.shown == 0 and resting.leaves:
            resting.shown = resting.slice()
            resting.since = self.tick_clock()
        self.gone(order, resting)
        self.last = ticks
        self.unseen.append(ticks)
        name = self.traded(match)
        self.say(
            "trade",
            f"M{name}",
            ticks,
            lots,
            buy.view(self.day),
            sell.view(self.day),
            order.side,
            self.paper.value(ticks, lots),
        )

    def gone(self, *orders: RefOrder) -> None:
        """Forget those that have ended."""
        for order in orders:
            if not order.open:
                order.place = None
                if order in self.orders:
                    self.orders.remove(order)

    def prevent(self, order: RefOrder, resting: RefOrder) -> None:
        """What the aggressor's mode does to two orders of one owner."""
        mode = order.mode or "N"
        if mode == "D":
            less = min(order.leaves, resting.leaves)
            for each in (resting, order):
                if each.leaves == less:
                    self.cancel(each, "99", SAME_ID)
                    continue
                each.quantity -= less
                each.shown = min(each.shown, each.leaves)
                self.say("restated", each.view(self.day), "5", SAME_ID, False)
            return
        if mode in "OB":
            self.cancel(resting, "99", SAME_ID)
        if mode in "NB":
            self.cancel(order, "99", SAME_ID)

    def cancel(self, order: RefOrder, reason: str | None = None, text: str | None = None) -> None:
        """End an order that nobody asked to end."""
        order.status = "4"
        self.gone(order)
        view = order.view(self.day)
        self.say("canceled", view, order.cl_ord_id, None, reason, text, None)

    def expire(self, order: RefOrder) -> None:
        """End an order whose time has come."""
        order.status = "C"
        self.gone(order)
        self.say("expired", order.view(self.day))

    def trigger(self, order: RefOrder) -> None:
        """A stop becomes a market or limit order."""
        order.triggered = True
        order.place = None
        self.say("restated", order.view(self.day), "99", "STOP_TRIGGERED", True)
        self.work(order)

    def settle(self) -> None:
        """Stops, then all-or-none orders, then pegs, over and over until all is quiet."""
        while self.is_open and (self.one_stop() or self.one_whole() or self.all_pegs()):
            pass

    def one_stop(self) -> bool:
        """Trigger the first stop that a trade has reached: buys first, from the market outwards."""
        reached = [
            o for o in self.waiting_in(STOP) if any(self.is_through(o, t) for t in self.unseen)
        ]
        if not reached:
            self.unseen = []
            return False
        self.trigger(
            min(reached, key=lambda o: (not o.buy, (o.stop or 0) * (1 if o.buy else -1), o.since))
        )
        return True

    def one_whole(self) -> bool:
        """Let the first all-or-none order that can be filled trade: price, then time."""
        able = [o for o in self.waiting_in(WHOLE) if self.can_be_had(o)]
        if not able:
            return False
        first = min(able, key=lambda o: (not o.buy, o.queue_key()))
        first.place = None
        self.work(first)
        return True

    def all_pegs(self) -> bool:
        """Move each peg that is not where it should be, those entered first looked at first."""
        moved = False
        pegs = [o for o in self.orders if o.ord_type == "P" and o.place == BOOK]
        for order in sorted(pegs, key=lambda o: o.first_since):
            ticks = self.peg_ticks(order.buy, order.instructions, order.offset)
            if ticks is None or ticks == order.limit:
                continue
            moved = True
            order.limit = order.price = ticks
            order.since = self.tick_clock()
            order.shown = order.slice()
            self.say("restated", order.view(self.day), "99", "PEG_REPRICED", False)
        return moved

    def peg_ticks(self, buy: bool, instructions: frozenset[str], offset: int) -> int | None:
        """Where a peg belongs now: from the best unpegged prices, within the collar, not taking."""
        fixed = [[o.limit for o in self.queue(s) if o.ord_type != "P"] for s in (buy, not buy)]
        own, other = (prices[0] if prices else None for prices in fixed)
        if "R" in instructions:
            reference = own
        elif "P" in instructions:
            reference = other
        elif own is not None and other is not None:
            reference = (own + other) // 2 if buy else (own + other + 1) // 2
        else:
            reference = None
        if reference is None:
            return None
        ticks = min(max(reference + offset, self.paper.low), self.paper.high)
        facing = self.queue(not buy)
        if facing:
            best = facing[0].limit
            ticks = min(ticks, best - 1) if buy else max(ticks, best + 1)
        return ticks if self.paper.low <= ticks <= self.paper.high else None
