"""What a member has: positions, portfolio, wallet events, statements; its limits; withdrawals."""

import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from venue.clearing.documents.statement import Statement
from venue.domain.decimal_text import parse_money
from venue.gateway.answers import SessionState, WalletPage, WithdrawalList
from venue.gateway.callers import Caller
from venue.gateway.context import address_of, answer, caller_of, gateway_of
from venue.gateway.described import OF_CALLERS, OF_LEDGER, told
from venue.gateway.holdings import MEDIA, Form, Portfolio
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import MOST_ROWS
from venue.gateway.scopes import Scope
from venue.gateway.strict_route import StrictRoute
from venue.gateway.trading_facts import MemberRisk
from venue.gateway.users import VENUE
from venue.gateway.withdrawals import Wish, Withdrawal, WithdrawalRefused

router = APIRouter(prefix="/v1", tags=["account"], route_class=StrictRoute)
Most = Annotated[int, Query(ge=1, le=MOST_ROWS, alias="limit", description="Rows of a page.")]
Number = Annotated[int, Query(ge=0, le=2**53)]
Name = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
AccountQuery = Annotated[
    str, Query(pattern=r"^[!-~]{0,64}$", description="Only this; `default`: of no Account(1).")
]


class NewWithdrawal(BaseModel):
    """A withdrawal to be asked for. client_reference: yours; the same again is the same request."""

    model_config = ConfigDict(extra="forbid")

    asset: Name = Field(examples=["USD"])
    amount: str = Field(pattern=r"^\d{1,18}(\.\d{1,8})?$", examples=["1000.00"])
    account: Name | None = None
    client_reference: Name | None = Field(default=None, examples=["my-withdrawal-1"])


@router.get("/portfolio", summary="Positions and balances", responses=told(Portfolio, OF_LEDGER))
async def portfolio(request: Request, account: AccountQuery = "") -> Response:
    """Quantity, cost, P&L and fees of each position; balances with what open orders reserve."""
    caller = await _reader(request)
    return answer(await gateway_of(request).holdings.portfolio(caller.member, account))


@router.get("/positions", summary="Positions", responses=told(Portfolio, OF_LEDGER))
async def positions(request: Request, account: AccountQuery = "") -> Response:
    """As /v1/portfolio, without positions that are closed and without balances."""
    caller = await _reader(request)
    found = await gateway_of(request).holdings.portfolio(caller.member, account)
    still_open = tuple(each for each in found.positions if each.quantity != "0")
    return answer(Portfolio(found.member, found.method, found.event_seq, still_open, balances=()))


@router.get("/wallet", summary="Wallet events", responses=told(WalletPage, OF_LEDGER))
async def wallet(
    request: Request,
    behind: Number | None = None,
    before: Number | None = None,
    most: Most = 100,
) -> Response:
    """Each line of the ledger on the member's accounts, by wallet_number, gapless: the newest
    first, below `before`; with `behind` the oldest first, above it (0: from the beginning)."""
    caller = await _reader(request)
    if behind is not None and before is not None:
        raise Problem(Code.BAD_REQUEST, "give behind or before", field="behind")
    events = await gateway_of(request).holdings.wallet(caller.member, behind, before, most)
    going_on = events[-1].wallet_number if len(events) == most else None
    return answer(WalletPage(events, None if going_on == 1 and behind is None else going_on))


@router.get(
    "/statements/{date}",
    summary="Statement of account",
    responses=told(Statement, OF_LEDGER, media=(MEDIA["csv"], MEDIA["pdf"])),
)
async def statement(
    request: Request,
    date: Annotated[str, Path(pattern=r"^(\d{4}-\d{2}-\d{2}|last)$")],
    form: Annotated[Form, Query(alias="format")] = "json",
) -> Response:
    """Of a business day, or of the `last` one that has ended: accounts, movements, trades, fees."""
    caller = await _reader(request)
    day = "" if date == "last" else date
    holdings = gateway_of(request).holdings
    made = await holdings.statement(caller.member, day, form, time.time_ns())
    name = f"{caller.member}-{date}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if form != "json" else {}
    return Response(made, media_type=MEDIA[form], headers=headers)


@router.get("/limits", summary="Own limits", responses=told(MemberRisk, OF_LEDGER))
async def limits(request: Request) -> Response:
    """The member's limits and what is left of each, its funds and what is reserved; its accounts'
    too."""
    caller = await _reader(request)
    return answer(await gateway_of(request).facts.risk(caller.member))


@router.get("/session", summary="Own FIX session", responses=told(SessionState, OF_CALLERS))
async def session(request: Request) -> Response:
    """Whether orders are taken now: the session over which the gateway enters the member's."""
    caller = await _reader(request)
    sessions = gateway_of(request).sessions
    orders = sessions.of(caller.member)
    trouble = sessions.troubles().get(caller.member, "")
    return answer(SessionState(caller.member, not trouble, trouble, orders.is_known))


@router.post(
    "/withdrawals",
    status_code=202,
    summary="Ask for a withdrawal",
    responses=told(Withdrawal, (*OF_CALLERS, Code.CONFLICT), status=202),
)
async def ask_for_withdrawal(
    request: Request, wanted: Annotated[NewWithdrawal, Body()]
) -> Response:
    """Ask for it: an operator decides, and the venue books what he pays. Nothing is reserved."""
    caller = await caller_of(request)
    caller.need(Scope.WITHDRAW)
    if caller.member == VENUE:
        raise Problem(Code.FORBIDDEN, "the venue withdraws nothing here")
    if not parse_money(wanted.amount):
        raise Problem(Code.BAD_REQUEST, "an amount is above zero", field="amount")
    gateway, now_ns = gateway_of(request), time.time_ns()
    reference = wanted.client_reference or f"gw-{secrets.token_hex(8)}"
    try:
        made = gateway.withdrawals.ask(
            caller.user, wanted.account or "", wanted.asset, wanted.amount, reference, now_ns
        )
    except WithdrawalRefused as error:
        raise Problem(Code.CONFLICT, str(error), field="client_reference") from error
    detail = f"{made.id}: {made.amount} {made.asset}"
    gateway.store.note("withdrawal", caller.user.name, address_of(request), detail, now_ns)
    return answer(made, 202)


@router.get("/withdrawals", summary="Withdrawals", responses=told(WithdrawalList, OF_CALLERS))
async def withdrawals(request: Request, before: Number = 0, most: Most = 100) -> Response:
    """The member's requests, the newest first, below id `before`."""
    caller = await _reader(request)
    found = gateway_of(request).withdrawals.of(caller.member, before, most)
    return answer(WithdrawalList(found))


@router.delete(
    "/withdrawals/{number}",
    summary="Take a request back",
    responses=told(Withdrawal, (*OF_CALLERS, Code.NOT_FOUND, Code.CONFLICT)),
)
async def take_back(request: Request, number: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """While no operator has decided it."""
    caller = await caller_of(request)
    caller.need(Scope.WITHDRAW)
    gateway, now_ns = gateway_of(request), time.time_ns()
    try:
        if gateway.withdrawals.get(number).member != caller.member:
            raise Problem(Code.NOT_FOUND, f"there is no request {number}")
    except WithdrawalRefused as error:
        raise Problem(Code.NOT_FOUND, str(error)) from error
    try:
        made = gateway.withdrawals.decide(number, (Wish.REQUESTED,), Wish.TAKEN_BACK, "", now_ns)
    except WithdrawalRefused as error:
        raise Problem(Code.CONFLICT, str(error)) from error
    address = address_of(request)
    gateway.store.note("withdrawal_taken_back", caller.user.name, address, str(number), now_ns)
    return answer(made)


async def _reader(request: Request) -> Caller:
    caller = await caller_of(request)
    caller.need(Scope.READ)
    return caller
