"""Members, instruments, limits, orders: what trading has now, as it answers the command line."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from venue.admin.answers import (
    ApprovalsAnswer,
    InstrumentsAnswer,
    LatestTradesAnswer,
    MembersAnswer,
    OrderAnswer,
    RiskAnswer,
)
from venue.admin.requests import (
    ApprovalsQuery,
    InstrumentsQuery,
    LatestTradesQuery,
    MembersQuery,
    OrderQuery,
    OrdersQuery,
    RiskQuery,
)
from venue.domain.overview import OrderPlace, OrdersWanted
from venue.gateway.operator import answers
from venue.gateway.operator.access import Name, Wanted, operating_of, operator_of, told
from venue.gateway.problems import Code, Problem

router = APIRouter()


@router.get("/members", summary="Members", responses=answers.read(MembersAnswer))
async def members(request: Request) -> Response:
    """Members with KYC, suspension, default, kill, accounts, sessions, open orders."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, MembersQuery()))


@router.get("/instruments", summary="Instruments", responses=answers.read(InstrumentsAnswer))
async def instruments(request: Request) -> Response:
    """Instruments with terms, state and last price."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, InstrumentsQuery()))


@router.get(
    "/limits", summary="Limits and what is used of them", responses=answers.read(RiskAnswer)
)
async def limits(request: Request, member: Wanted = "", account: Wanted = "") -> Response:
    """Limits and funds of a member, of one of its accounts, or of all."""
    if account and not member:
        raise Problem(Code.BAD_REQUEST, "an account is a member's", field="member")
    caller = await operator_of(request)
    query = RiskQuery(member, account)
    return told(await operating_of(request).line.ask(caller.user.name, query))


@router.get(
    "/orders", summary="Orders of the trading day", responses=answers.read(answers.OrderPage)
)
async def orders(
    request: Request,
    member: Wanted = "",
    session: Wanted = "",
    symbol: Wanted = "",
    client_order_id: Annotated[str, Query(max_length=64, description="ClOrdID(11)")] = "",
    every: Annotated[bool, Query(alias="all", description="Also those that have ended.")] = False,
    behind: Annotated[
        str,
        Query(pattern=r"^([^/]+/\d{1,18})?$", description="`next` of the page before."),
    ] = "",
) -> Response:
    """A page of orders; `next` is what the next page begins behind, null: these were the last."""
    caller = await operator_of(request)
    wanted = OrdersWanted(member, session, symbol, client_order_id, open_only=not every)
    of, _, number = behind.partition("/")
    place = OrderPlace(of, int(number)) if behind else OrderPlace()
    line = operating_of(request).line
    page = await line.ask(caller.user.name, OrdersQuery(wanted, place))
    following = None if page.next is None else f"{page.next.session}/{page.next.order_id}"
    return told({"orders": page.orders, "next": following})


@router.get("/orders/{order_id}", summary="An order", responses=answers.read(OrderAnswer))
async def order(request: Request, order_id: Name) -> Response:
    """All of one order of the trading day."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, OrderQuery(order_id)))


@router.get(
    "/orders/{order_id}/story",
    summary="An order's whole story",
    responses=answers.read(answers.Printed),
)
async def story(request: Request, order_id: Name) -> Response:
    """Every event of an order, the check that refused it, its place in the queue."""
    await operator_of(request)
    return told(
        await operating_of(request).command_line.told("explain", f"37={order_id}", "--json")
    )


@router.get(
    "/latest-trades", summary="The last trades, at once", responses=answers.read(LatestTradesAnswer)
)
async def latest_trades(request: Request) -> Response:
    """The last hundred trades as trading has them; all of them: /v1/operator/trades."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, LatestTradesQuery()))


@router.get(
    "/approvals",
    summary="What waits for a second operator",
    responses=answers.read(ApprovalsAnswer),
)
async def approvals(request: Request) -> Response:
    """Commands that are held until another operator approves or declines them."""
    caller = await operator_of(request)
    return told(await operating_of(request).line.ask(caller.user.name, ApprovalsQuery()))
