"""Verbs on members' orders: enter and change one on a member's behalf, cancel one, cancel many.

Commands and events of each, their words, and how they are said. `venue order` has commands of its
own for single orders, which also go over FIX. Effects: venue.engine.control.orders.
"""

from venue.domain.command import ActionCommand
from venue.domain.event import ControlEvent
from venue.domain.requests import EnterOrder
from venue.domain.role import Role
from venue.domain.verb import Option, Verb
from venue.domain.words import Payload, by_whom


class EnterByOperator(ActionCommand, frozen=True, tag=True):
    """The operator enters an order on behalf of the session that the order names."""

    least_role = Role.OPERATOR
    order: EnterOrder
    operator: str = ""
    reason: str = ""


class ReplaceByOperator(ActionCommand, frozen=True, tag=True):
    """The operator changes quantity or price of an order on behalf of its session; None: stays."""

    least_role = Role.OPERATOR
    order_id: str
    order_qty: str | None = None
    price: str | None = None
    operator: str = ""
    reason: str = ""


class CancelByOperator(ActionCommand, frozen=True, tag=True):
    """The operator cancels one order."""

    least_role = Role.OPERATOR
    order_id: str
    operator: str = ""
    reason: str = ""


class MassCancelByOperator(ActionCommand, frozen=True, tag=True):
    """The operator cancels all open orders of a member, of a session or in an instrument: of one.

    Nobody is blocked: new orders are taken.
    """

    least_role = Role.OPERATOR
    member: str | None = None
    session: str | None = None
    symbol: str | None = None
    operator: str = ""
    reason: str = ""


class MassCancelOrdered(ControlEvent, frozen=True, tag=True):
    """The operator has all open orders of a scope canceled; it goes on in slices.

    scope: "member", "session" or "instrument"; name: which one.
    """

    scope: str
    name: str
    operator: str
    reason: str


def _entered(payload: Payload) -> str:
    order = payload["order"]
    terms = ("session", "cl_ord_id", "symbol", "side", "order_qty", "ord_type", "price")
    return " ".join(str(order[name]) for name in terms if order.get(name)) + by_whom(payload)


def _replaced(payload: Payload) -> str:
    said = [f"{name} {payload[name]}" for name in ("order_qty", "price") if payload.get(name)]
    return "  ".join([f"order {payload['order_id']}", *said]) + by_whom(payload)


def _mass_canceled(payload: Payload) -> str:
    scopes = ("member", "session", "symbol")
    said = " ".join(f"{name} {payload[name]}" for name in scopes if payload.get(name))
    return f"all orders of {said}{by_whom(payload)}"


WORDS = {
    EnterByOperator: _entered,
    ReplaceByOperator: _replaced,
    MassCancelByOperator: _mass_canceled,
    MassCancelOrdered: lambda payload: (
        f"all orders of {payload['scope']} {payload['name']} are being canceled{by_whom(payload)}"
    ),
}


def _whose(command: MassCancelByOperator) -> str:
    named = {"member": command.member, "session": command.session, "symbol": command.symbol}
    return " and ".join(f"{scope} {name}" for scope, name in named.items() if name is not None)


VERBS = (
    Verb(
        MassCancelByOperator,
        "order cancel-all",
        """Cancel all open orders of a member, of a session or in an instrument; nobody is blocked.

        Through the running venue. Orders are canceled in slices: the first are counted in the
        answer, the others come right behind it. Give one of the three options.""",
        'venue order cancel-all --member ALPHA --reason "asked for by phone"',
        (
            Option("member", "--member", "MEMBER", "All sessions of this member."),
            Option("session", "--session", "COMPID", "This FIX session."),
            Option("symbol", "--symbol", "SYMBOL", "Everybody's in this instrument."),
        ),
        done=lambda command: f"open orders of {_whose(command)} are canceled",
        asks=lambda command: f"cancel all open orders of {_whose(command)}",
        stops=True,
    ),
)
