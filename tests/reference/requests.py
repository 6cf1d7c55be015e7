"""New orders, cancels and replaces in the reference venue: checked, then brought to the market."""

from decimal import Decimal

from tests.reference import checks
from tests.reference.days import Days
from tests.reference.orders import WHOLE, Paper, RefOrder
from venue.domain import commands as c


class Requests(Days):
    """What sessions ask for one order at a time."""

    def _enter(self, command: c.EnterOrder) -> None:
        made = self._new_order(command)
        if isinstance(made, str):
            if command.session in self.used:
                self.used[command.session].setdefault(command.cl_ord_id, None)
            self._say("rejected", command.session, command.cl_ord_id, made)
            return
        made.number = self.next_order
        self.next_order += 1
        self.used[command.session][command.cl_ord_id] = made
        self.orders.append(made)
        market = self._market(made)
        made.place = market.place_of(made)
        self._say("accepted", made.view(self.day))
        market.begin(made)

    def _new_order(self, command: c.EnterOrder) -> RefOrder | str:
        member = self.sessions.get(command.session)
        if member is None:
            return "SESSION_NOT_ENTITLED"
        market = self.markets.get(command.symbol)
        if market is None:
            return "UNKNOWN_SYMBOL"
        if not self.is_open:
            return "MARKET_CLOSED"
        refusal = checks.form(command, self.now_ns, self.day)
        if refusal is None and command.cl_ord_id in self.used[command.session]:
            refusal = "DUPLICATE_CL_ORD_ID"
        if refusal is not None:
            return refusal
        paper, buy = market.paper, command.side == "1"
        codes = frozenset(command.exec_inst.split())
        offset = (checks.units(command.peg_offset, paper.tick) or 0) if command.peg_offset else 0
        price = checks.units(command.price, paper.tick) if command.price is not None else None
        if command.ord_type == "P":
            price = market.peg_ticks(buy, codes, offset)
            if price is None:
                return "PEG_WITHOUT_REFERENCE"
        limit = price if price is not None else paper.high if buy else paper.low
        refusal = checks.off_unit(paper, command) or checks.too_much(paper, command, limit)
        if refusal is not None:
            return refusal
        lots = self._lots(paper, command.order_qty)
        if len([o for o in self.open_orders() if o.member == member]) >= self.credit[member][1]:
            return "OPEN_ORDERS_LIMIT"
        if not self._has_credit(member, paper.value(limit, lots)):
            return "CREDIT_LIMIT_EXCEEDED"
        return RefOrder(
            0,
            command.session,
            member,
            paper,
            buy,
            command.ord_type,
            command.time_in_force,
            codes,
            command.cl_ord_id,
            lots,
            limit,
            price,
            checks.units(command.stop_px, paper.tick) if command.stop_px is not None else None,
            self._lots(paper, command.min_qty),
            self._lots(paper, command.max_floor),
            offset,
            f"{member} {command.self_match_id}" if command.self_match_id is not None else None,
            command.self_match_mode,
            command.expire_ns,
            command.expire_date,
            self.now_ns,
            entered_on=self.day,
            side=command.side,
        )

    def _lots(self, paper: Paper, text: str | None) -> int:
        return (checks.units(text, paper.lot) or 0) if text is not None else 0

    def _has_credit(self, member: str, added: Decimal, released: Decimal = Decimal(0)) -> bool:
        net = Decimal(0)
        for match in self.trades.values():
            if match.day != self.day:
                continue
            worth = match.buy.paper.value(match.ticks, match.lots) if not match.busted else 0
            net += worth if match.buy.member == member else 0
            net -= worth if match.sell.member == member else 0
        more = added - released
        use = self.exposure(member) + max(net, Decimal(0))
        return more <= 0 or use + more <= self.credit[member][0]

    def _find(self, command: c.CancelOrder | c.ReplaceOrder) -> RefOrder | str:
        """The open order a request names, or why not; _named has the order if one is known."""
        self._named: RefOrder | None = None
        member = self.sessions.get(command.session)
        if member is None:
            return "SESSION_NOT_ENTITLED"
        asked = command.orig_cl_ord_id
        named = self.used[command.session].get(asked)
        for order in self.orders:
            mine = order is named if command.order_id is None else False
            mine = mine or (order.member == member and command.order_id == str(order.number))
            chain = order.cl_ord_id == asked
            if not order.open:
                chain = chain or order in (named, self.used[order.session].get(asked))
            if mine and chain:
                self._named = order
        if command.cl_ord_id in self.used[command.session]:
            return "DUPLICATE_CL_ORD_ID"
        if self._named is None:
            return "UNKNOWN_ORDER"
        if not self._named.open:
            return "ORDER_FINISHED"
        if self._is_changed_since(self._named, command.orig_ord_mod_ms):
            return "ORDER_MODIFIED_SINCE"
        wanted = (command.symbol, command.side)
        if wanted != (self._named.paper.symbol, self._named.side):
            return "ORDER_TERMS_CHANGED"
        return self._named

    def _is_changed_since(self, order: RefOrder, told_ms: int | None) -> bool:
        if told_ms is None:
            return False
        exact = order.modified_ns // 10**6
        return told_ms not in (exact, exact // 1000 * 1000)

    def _refuse(self, command: c.CancelOrder | c.ReplaceOrder, to: str, why: str) -> None:
        if command.session in self.used:
            self.used[command.session].setdefault(command.cl_ord_id, None)
        order = self._named
        self._say(
            "request rejected",
            command.session,
            command.cl_ord_id,
            command.orig_cl_ord_id,
            "NONE" if order is None else str(order.number),
            "8" if order is None else order.status,
            to,
            why,
        )

    def _cancel(self, command: c.CancelOrder) -> None:
        order = self._find(command)
        if isinstance(order, str):
            self._refuse(command, "1", order)
            return
        self.used[command.session][command.cl_ord_id] = order
        order.status = "4"
        self._market(order).gone(order)
        other = command.session if command.session != order.session else None
        view = order.view(self.day)
        self._say("canceled", view, command.cl_ord_id, order.cl_ord_id, None, None, other)
        self._market(order).settle()

    def _replace(self, command: c.ReplaceOrder) -> None:
        order = self._find(command)
        why = order if isinstance(order, str) else self._check_replace(order, command)
        if isinstance(order, str) or why is not None:
            self._refuse(command, "2", why or "")
            return
        self.used[command.session][command.cl_ord_id] = order
        market = self._market(order)
        paper, was = order.paper, self._rank_of(order)
        before, orig, lots = order.quantity, order.cl_ord_id, self._lots(paper, command.order_qty)
        order.limit, wanted = self._limit(order, command), self._wanted(order, command)
        if order.price is not None:
            order.price = order.limit
        if command.stop_px is not None and not order.triggered:
            order.stop = checks.units(command.stop_px, paper.tick)
        if command.max_floor is not None:
            order.floor = self._lots(paper, command.max_floor)
        order.instructions = frozenset(wanted.exec_inst.split())
        order.expire_ns, order.expire_date = wanted.expire_ns, wanted.expire_date
        if wanted.peg_offset is not None:
            order.offset = checks.units(wanted.peg_offset, paper.tick) or 0
        order.quantity = max(lots, order.filled)
        order.cl_ord_id, order.modified_ns = command.cl_ord_id, self.now_ns
        if order.leaves == 0:
            order.status = "2"
        market.gone(order)
        keeps = was == self._rank_of(order) and lots <= before
        if order.open and (not keeps or order.place == WHOLE):
            order.place = market.place_of(order)
        order.shown = min(order.shown, order.leaves)
        other = command.session if command.session != order.session else None
        self._say("replaced", order.view(self.day), orig, other)
        if order.open and (not keeps or order.place is None):
            market.begin(order)
        else:
            market.settle()

    def _rank_of(self, order: RefOrder) -> tuple[object, ...]:
        """What may not change if an order is to keep its place."""
        return (order.limit, order.stop, order.floor, order.instructions, order.offset)

    def _wanted(self, order: RefOrder, command: c.ReplaceOrder) -> c.EnterOrder:
        """The replaced order as if it were entered now."""
        paper = order.paper
        dates = (command.expire_ns, command.expire_date)
        if dates == (None, None):
            dates = (order.expire_ns, order.expire_date)
        floor = command.max_floor
        if floor is None and order.floor and self._lots(paper, command.order_qty) > order.filled:
            floor = f"{order.floor * paper.lot:f}"
        offset = command.peg_offset
        if offset is None and order.ord_type == "P":
            offset = f"{order.offset * paper.tick:f}"
        insts = command.exec_inst
        return c.EnterOrder(
            command.session,
            command.cl_ord_id,
            paper.symbol,
            order.side,
            order.ord_type,
            order.tif,
            command.order_qty,
            command.price,
            unsupported=command.unsupported,
            stop_px=command.stop_px,
            min_qty=command.min_qty,
            max_floor=floor,
            exec_inst=" ".join(order.instructions) if insts is None else insts,
            expire_ns=dates[0],
            expire_date=dates[1],
            peg_offset=offset,
            self_match_id=None if order.same is None else "its own",
            self_match_mode=order.mode,
            locate_reqd=command.locate_reqd or "N",
        )

    def _limit(self, order: RefOrder, command: c.ReplaceOrder) -> int:
        """Where the order would trade to; a peg that changes is priced anew."""
        if command.price is not None:
            return checks.units(command.price, order.paper.tick) or 0
        wanted = self._wanted(order, command)
        if order.ord_type != "P" or wanted.peg_offset is None:
            return order.limit
        codes = frozenset(wanted.exec_inst.split())
        offset = checks.units(wanted.peg_offset, order.paper.tick)
        if offset is None or (codes, offset) == (order.instructions, order.offset):
            return order.limit
        return self._market(order).peg_ticks(order.buy, codes, offset) or 0

    def _check_replace(self, order: RefOrder, command: c.ReplaceOrder) -> str | None:
        same = None if order.same is None else order.same.removeprefix(f"{order.member} ")
        kept = (
            (command.ord_type, order.ord_type),
            (command.time_in_force, order.tif),
            (command.self_match_id, same),
            (command.self_match_mode, order.mode),
        )
        if any(asked not in (None, has) for asked, has in kept):
            return "ORDER_TERMS_CHANGED"
        paper = order.paper
        stop = order.stop if command.stop_px is None else checks.units(command.stop_px, paper.tick)
        if order.triggered and stop != order.stop:
            return "ORDER_TERMS_CHANGED"
        if not self.is_open:
            return "MARKET_CLOSED"
        wanted = self._wanted(order, command)
        priced = order.ord_type == "K" and order.price is not None
        refusal = checks.form(wanted, self.now_ns, self.day, priced)
        if refusal is not None:
            return refusal
        limit = self._limit(order, command)
        if not limit:
            refusal = "PEG_WITHOUT_REFERENCE" if order.ord_type == "P" else None
        refusal = refusal or checks.off_unit(paper, wanted) or checks.too_much(paper, wanted, limit)
        if refusal is not None:
            return refusal
        lots = self._lots(paper, command.order_qty)
        still = max(lots - order.filled, 0)
        released = paper.value(order.limit, order.leaves)
        if not self._has_credit(order.member, paper.value(limit, still), released):
            return "CREDIT_LIMIT_EXCEEDED"
        return None
