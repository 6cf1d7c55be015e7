"""Orders on a socket: the same acts and limits as over HTTP, answered under the request's id.

Knows the acts and the members' sessions. Requests go to the venue in the order in which they came;
answers come as the venue gives them.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from venue.gateway import acts, tracing
from venue.gateway.callers import OF_A_CALLER, Caller
from venue.gateway.context import Gateway
from venue.gateway.problems import Code, Problem
from venue.gateway.streams.answers import CanceledAll, OrderAnswer
from venue.gateway.streams.requests import AnyOrderRequest, Cancel, CancelAll, Enter, Replace

AT_ONCE = 64
"""Requests of one socket that wait for the venue."""
_log = structlog.get_logger("gateway")


class OrderEntry:
    """say: sends an answer. fail: sends the answer to a request that was not done."""

    def __init__(
        self,
        gateway: Gateway,
        say: Callable[[msgspec.Struct], None],
        fail: Callable[[str, Problem], None],
    ) -> None:
        self._gateway = gateway
        self._say = say
        self._fail = fail
        self._running: set[asyncio.Task[None]] = set()

    def take(self, caller: Caller, request: AnyOrderRequest) -> None:
        """Begin what is asked. Raises Problem: FORBIDDEN, TOO_MANY."""
        callers = self._gateway.callers
        callers.count(OF_A_CALLER, "user", caller.user.name)
        acts.admit(callers, caller)
        if len(self._running) >= AT_ONCE:
            text = f"{AT_ONCE} requests of this socket wait for the venue already"
            raise Problem(Code.TOO_MANY, text, retry_after=1)
        task = asyncio.create_task(self._do(caller, request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def close(self) -> None:
        """Wait for no answer any more. What was sent to the venue is with the venue."""
        for task in self._running:
            task.cancel()

    async def _do(self, caller: Caller, request: AnyOrderRequest) -> None:
        tracing.begin(f"WebSocket {type(request).__name__}")
        try:
            self._say(await self._answer(caller, request))
        except Problem as problem:
            self._fail(request.id, problem)
        except Exception as error:  # a mistake of ours costs one request, and is said
            _log.error("request_failed", request=type(request).__name__, exc_info=error)
            text = "whether it was done is not known: the gateway has made a mistake"
            self._fail(request.id, Problem(Code.FATE_UNKNOWN, text))

    async def _answer(self, caller: Caller, request: AnyOrderRequest) -> OrderAnswer | CanceledAll:
        orders = self._gateway.sessions.of(caller.member)
        match request:
            case Enter():
                order = await acts.enter(orders, request.order, caller.user.name)
            case Replace():
                known = acts.known(orders, request.order_id)
                order = await orders.replace(known, acts.changes_of(known, request.change))
            case Cancel():
                order = await orders.cancel(acts.known(orders, request.order_id))
            case CancelAll():
                canceled = await orders.cancel_all(request.symbol or "")
                return CanceledAll(id=request.id, canceled=canceled)
        return OrderAnswer(id=request.id, order=order)
