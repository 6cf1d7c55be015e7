"""Answers from the engine's state alone: who and what there is, orders, books, funds, settlement.

May know the engine's views. Changes nothing, and gives no answer that keeps trading waiting long.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from venue.admin import requests
from venue.admin.answers import (
    Answer,
    ApprovalsAnswer,
    BookAnswer,
    DigestAnswer,
    InstrumentsAnswer,
    LatestTradesAnswer,
    MembersAnswer,
    OrderAnswer,
    OrdersAnswer,
    Refusal,
    RiskAnswer,
)
from venue.admin.funds_answers import FeesAnswer, FundsAnswer, MemberFeesAnswer
from venue.admin.requests import AnyRequest
from venue.admin.settlement_requests import FailsAnswer, SettlementAnswer
from venue.engine.image.digest import state_digest
from venue.engine.state.engine_state import EngineState
from venue.engine.views import fees, overview
from venue.engine.views.ladder import levels
from venue.engine.views.orders import latest_trades, order_detail, orders_page
from venue.engine.views.settlement import due_rows, fail_rows, last_cycle, running_cycle


class StateQuestions:
    """One function for each kind of question. durable: event_seq and seq that are on disk."""

    def __init__(self, state: EngineState, durable: Callable[[], tuple[int, int]]) -> None:
        self._state = state
        self._durable = durable
        self.answers: Mapping[type[AnyRequest], Callable[[Any], Answer | Refusal]] = {
            requests.BookQuery: self._book,
            requests.DigestQuery: self._digest,
            requests.MembersQuery: lambda query: MembersAnswer(members=overview.members(state)),
            requests.InstrumentsQuery: lambda query: InstrumentsAnswer(
                instruments=overview.instruments(state)
            ),
            requests.OrdersQuery: self._orders,
            requests.OrderQuery: self._order,
            requests.LatestTradesQuery: self._latest_trades,
            requests.RiskQuery: self._risk,
            requests.FundsQuery: self._funds,
            requests.FeesQuery: lambda query: FeesAnswer(schedules=fees.schedules(state)),
            requests.MemberFeesQuery: self._member_fees,
            requests.ApprovalsQuery: lambda query: ApprovalsAnswer(
                approvals=overview.approvals(state)
            ),
            requests.SettlementQuery: self._settlement,
            requests.FailsQuery: self._fails,
        }

    def _digest(self, query: requests.DigestQuery) -> DigestAnswer:
        event_seq, seq = self._durable()
        return DigestAnswer(seq=seq, event_seq=event_seq, digest=state_digest(self._state))

    def _orders(self, query: requests.OrdersQuery) -> OrdersAnswer:
        rows, last = orders_page(self._state, query.wanted, query.after)
        return OrdersAnswer(orders=rows, next=last)

    def _order(self, query: requests.OrderQuery) -> OrderAnswer | Refusal:
        found = order_detail(self._state, query.order_id)
        if found is None:
            return Refusal(error=f"order {query.order_id} is unknown on this trading day")
        return OrderAnswer(order=found)

    def _latest_trades(self, query: requests.LatestTradesQuery) -> LatestTradesAnswer | Refusal:
        if not 0 < query.most <= requests.MOST_TRADES:
            return Refusal(error=f"most is a whole number from 1 to {requests.MOST_TRADES}")
        return LatestTradesAnswer(trades=latest_trades(self._state, query.most))

    def _funds(self, query: requests.FundsQuery) -> FundsAnswer:
        event_seq, seq = self._durable()
        return FundsAnswer(seq=seq, event_seq=event_seq, funds=overview.funds(self._state))

    def _risk(self, query: requests.RiskQuery) -> RiskAnswer | Refusal:
        try:
            rows = overview.risk(self._state, query.member, query.account)
        except KeyError as error:
            return Refusal(error=str(error.args[0]))
        return RiskAnswer(risk=rows, event_seq=self._state.next_event_seq - 1)

    def _member_fees(self, query: requests.MemberFeesQuery) -> MemberFeesAnswer | Refusal:
        found = fees.member_fees(self._state, query.member)
        if found is None:
            known = _listed(self._state.members)
            return Refusal(error=f"member {query.member} is unknown; there are {known}")
        return MemberFeesAnswer(member=query.member, volumes=found[0], fees=found[1])

    def _settlement(self, query: requests.SettlementQuery) -> SettlementAnswer:
        state = self._state
        return SettlementAnswer(
            trading_day=state.trading_day,
            rules=state.obligations.rules,
            due=due_rows(state),
            running=running_cycle(state),
            last=last_cycle(state),
        )

    def _fails(self, query: requests.FailsQuery) -> FailsAnswer | Refusal:
        try:
            return FailsAnswer(fails=fail_rows(self._state, query.member))
        except KeyError as error:
            return Refusal(error=str(error.args[0]))

    def _book(self, query: requests.BookQuery) -> BookAnswer | Refusal:
        market = self._state.markets.get(query.symbol)
        if market is None:
            known = _listed(self._state.markets)
            return Refusal(error=f"symbol {query.symbol} is not traded here; there are {known}")
        if query.depth < 1:
            return Refusal(error="depth is a whole number of 1 or more")
        return BookAnswer(
            symbol=query.symbol,
            bids=levels(market.book.bids, market.instrument, query.depth),
            asks=levels(market.book.asks, market.instrument, query.depth),
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
