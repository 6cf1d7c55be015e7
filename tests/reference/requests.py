"""New orders, cancels and replaces in the reference venue: checked, then brought to the market."""

from decimal import Decimal

from tests.reference import checks
from tests.reference.days import Days
from tests.reference.offered import is_offered
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
        for order in self.orders:
            mine = order.member == member and order.cl_ord_id == command.orig_cl_ord_id
            if command.order_id is None:
                mine = mine and self.used[command.session].get(order.cl_ord_id) is order
            elif command.order_id != str(order.number):
                mine = False
            if mine:
                self._named = order
        if command.cl_ord_id in self.used[command.session]:
            return "DUPLICATE_CL_ORD_ID"
        if self._named is None:
            return "UNKNOWN_ORDER"
        if not self._named.open:
            return "ORDER_FINISHED"
        if self._is_changed_since(self._named, command.orig_ord_mod_ms):
            return "ORDER_MODIFIED_SINCE"
        asked = (command.symbol, command.side)
        if asked != (self._named.paper.symbol, self._named.side):
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
        self.used[command.session][command.cl_ord_id] = None
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
        paper, was = order.paper, (order.limit, order.stop, order.floor)
        before, orig, lots = order.quantity, order.cl_ord_id, self._lots(paper, command.order_qty)
        if command.price is not None:
            order.limit = order.price = checks.units(command.price, paper.tick) or 0
        if command.stop_px is not None and not order.triggered:
            order.stop = checks.units(command.stop_px, paper.tick)
        if command.max_floor is not None:
            order.floor = self._lots(paper, command.max_floor)
        order.quantity = max(lots, order.filled)
        order.cl_ord_id, order.modified_ns = command.cl_ord_id, self.now_ns
        if order.leaves == 0:
            order.status = "2"
        market.gone(order)
        keeps = was == (order.limit, order.stop, order.floor) and lots <= before
        if order.open and (not keeps or order.place == WHOLE):
            order.place = market.place_of(order)
        order.shown = min(order.shown, order.leaves)
        other = command.session if command.session != order.session else None
        self._say("replaced", order.view(self.day), orig, other)
        if order.open and (not keeps or order.place is None):
            market.begin(order)
        else:
            market.settle()

    def _check_replace(self, order: RefOrder, command: c.ReplaceOrder) -> str | None:
        if command.ord_type != order.ord_type:
            return "ORDER_TERMS_CHANGED"
        if command.time_in_force not in (None, order.tif):
            return "ORDER_TERMS_CHANGED"
        if not self.is_open:
            return "MARKET_CLOSED"
        refusal = checks.known(
            command.side, command.ord_type, command.time_in_force, command.unsupported, set()
        )
        priced = order.ord_type in ("2", "4") or (order.ord_type == "K" and order.price is not None)
        refusal = refusal or checks.numbers_there(command, priced)
        if refusal is not None:
            return refusal
        conditions = set(order.instructions) | {"111"}
        if command.max_floor is not None and not is_offered(
            order.ord_type, order.tif, conditions, order.same, order.mode
        ):
            return "COMBINATION_NOT_OFFERED"
        paper = order.paper
        refusal = checks.off_unit(paper, command)
        if refusal is not None:
            return refusal
        limit = order.limit
        if command.price is not None:
            limit = checks.units(command.price, paper.tick) or 0
        refusal = checks.too_much(paper, command, limit)
        if refusal is not None:
            return refusal
        lots = self._lots(paper, command.order_qty)
        if command.max_floor is None and order.floor and lots > 100 * order.floor:
            return "MAX_FLOOR_OUT_OF_RANGE"
        still = max(lots - order.filled, 0)
        released = paper.value(order.limit, order.leaves)
        if not self._has_credit(order.member, paper.value(limit, still), released):
            return "CREDIT_LIMIT_EXCEEDED"
        return None
