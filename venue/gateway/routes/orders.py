"""Orders: enter, change, cancel, list. Each request goes to the venue over FIX, which answers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.gateway.acts import ChangeWanted, OrderWanted, admit, changes_of, known
from venue.gateway.acts import enter as enter_order
from venue.gateway.answers import Canceled, MemberOrders, SwitchTold
from venue.gateway.callers import Caller
from venue.gateway.context import answer, caller_of, gateway_of, json_body, once
from venue.gateway.described import OF_CALLERS, OF_ORDERS, asks, told
from venue.gateway.hot import Hot
from venue.gateway.order import Order
from venue.gateway.orders import Orders
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import MOST_ROWS
from venue.gateway.routes.account import Most
from venue.gateway.scopes import Scope
from venue.gateway.strict_json import read
from venue.gateway.strict_route import StrictRoute
from venue.gateway.switches import LONGEST_SECONDS

router = APIRouter(prefix="/v1/orders", tags=["orders"], route_class=StrictRoute)
ClientIdPath = Annotated[str, Path(pattern=r"^[!-~]{1,64}$", description="ClOrdID(11).")]
SymbolQuery = Annotated[str, Query(pattern=r"^[!-~]{0,32}$", description="Of one instrument.")]
OF_READERS = (*OF_CALLERS, Code.NOT_FOUND, Code.AWAY)
EXAMPLE = {
    "order_id": "1", "client_order_id": "my-order-1", "symbol": "ACME", "side": "buy",
    "type": "limit", "time_in_force": "day", "quantity": "10", "filled": "0", "remaining": "10",
    "average_price": "0", "state": "new", "price": "100", "number": 1,
}  # fmt: skip


class Switch(BaseModel):
    """A dead man's switch."""

    model_config = ConfigDict(extra="forbid")

    seconds: int = Field(ge=0, le=LONGEST_SECONDS, examples=[60])


@router.post(
    "",
    status_code=201,
    summary="Enter an order",
    responses=told(Order, OF_ORDERS, status=201, example=EXAMPLE),
    openapi_extra=asks(body=OrderWanted),
)
async def enter(request: Request) -> Response:
    """The order behind the venue's first answer. Refusals have the venue's code."""
    caller = await _trader(request)
    orders = gateway_of(request).sessions.of(caller.member)
    wanted = read(OrderWanted, await json_body(request))

    async def do() -> Response:
        return answer(await enter_order(orders, wanted, caller.user.name), 201)

    return await once(request, caller, do)


@router.get("", summary="Orders, a page at a time", responses=told(MemberOrders, OF_READERS))
async def page(
    request: Request,
    symbol: SymbolQuery = "",
    state: Literal["open", "finished"] = "open",
    behind: Annotated[
        str, Query(pattern=r"^[0-9]{0,18}$", description="`next` of the page before.")
    ] = "",
    most: Most = MOST_ROWS,
) -> Response:
    """Orders of the member's session here: the open ones, the oldest first, 503 while the venue has
    not said which; or the last that have ended, the last changed first."""
    orders = await _read(request)
    if state == "open":
        if not orders.is_known:
            raise Problem(Code.AWAY, "which orders are open is not known yet", retry_after=1)
        found = orders.open_orders(symbol, int(behind or 0))
    else:
        ended = orders.finished_orders(symbol, int(behind) if behind else None)
        found = sorted(ended, key=lambda order: order.number, reverse=True)  # a bust is a change
    shown = found[:most]
    cursor = None
    if len(found) > most:
        cursor = shown[-1].order_id if state == "open" else str(shown[-1].number)
    return answer(MemberOrders(shown, cursor))


@router.get(
    "/by-client-id/{client_order_id}",
    summary="An order by its client id",
    responses=told(Order, (*OF_READERS, Code.FATE_UNKNOWN)),
)
async def by_client_id(request: Request, client_order_id: ClientIdPath) -> Response:
    """What became of an order, also of one whose fate was unknown: the venue is asked."""
    orders = await _read(request)
    found = orders.by_client_id(client_order_id) or await orders.ask(client_order_id)
    if found is None:
        raise Problem(Code.NOT_FOUND, f"the venue knows no order {client_order_id}")
    return answer(found)


@router.get("/{order_id}", summary="An order", responses=told(Order, OF_READERS))
async def one(request: Request, order_id: str) -> Response:
    """An order by the venue's OrderID."""
    return answer(known(await _read(request), order_id))


@router.patch(
    "/{order_id}",
    summary="Change an order",
    responses=told(Order, OF_ORDERS),
    openapi_extra=asks("order_id", body=ChangeWanted),
)
async def change(request: Request) -> Response:
    """The order with its new terms; time priority is kept where only quantity is lowered."""
    caller = await _trader(request)
    orders = gateway_of(request).sessions.of(caller.member)
    wanted = read(ChangeWanted, await json_body(request))
    order = known(orders, request.path_params["order_id"])
    changes = changes_of(order, wanted)

    async def do() -> Response:
        return answer(await orders.replace(order, changes))

    return await once(request, caller, do)


@router.delete(
    "/{order_id}",
    summary="Cancel an order",
    responses=told(Order, OF_ORDERS),
    openapi_extra=asks("order_id"),
)
async def cancel(request: Request) -> Response:
    """The order as it has ended."""
    caller = await _trader(request)
    orders = gateway_of(request).sessions.of(caller.member)
    order = known(orders, request.path_params["order_id"])

    async def do() -> Response:
        return answer(await orders.cancel(order))

    return await once(request, caller, do)


@router.delete("", summary="Cancel all orders", responses=told(Canceled, OF_ORDERS))
async def cancel_all(request: Request, symbol: SymbolQuery = "") -> Response:
    """How many orders were cancelled."""
    caller = await _trader(request)
    orders = gateway_of(request).sessions.of(caller.member)

    async def do() -> Response:
        return answer(Canceled(await orders.cancel_all(symbol)))

    return await once(request, caller, do)


@router.post(
    "/cancel-all-after",
    summary="Dead man's switch",
    responses=told(SwitchTold, OF_CALLERS),
)
async def cancel_all_after(request: Request, switch: Annotated[Switch, Body()]) -> Response:
    """Cancel all orders in so many seconds, unless it is called again before; 0 takes it back."""
    caller = await _trader(request)
    gateway = gateway_of(request)
    gateway.sessions.of(caller.member)
    gateway.switches.set(caller.member, switch.seconds)
    return answer(SwitchTold(switch.seconds))


async def _trader(request: Request) -> Caller:
    caller = await caller_of(request)
    request.state.budget = admit(gateway_of(request).callers, caller)
    return caller


async def _read(request: Request) -> Orders:
    caller = await caller_of(request)
    caller.need(Scope.READ)
    return gateway_of(request).sessions.of(caller.member)


HOT = (
    Hot("POST", "/v1/orders", enter),
    Hot("PATCH", "/v1/orders/{order_id}", change),
    Hot("DELETE", "/v1/orders/{order_id}", cancel),
)
