"""Members and their FIX sessions as the engine knows them: limits, exposure, ClOrdID memory."""

from venue.engine.orders import Order


class Member:
    """A trading member. credit_limit and exposure in 10^-8 of the currency, over all currencies.

    exposure: value of open orders, both sides. net_bought: value bought less value sold today.
    balances: asset -> units of 10^-8, deposits less withdrawals, for admin checks only.
    """

    __slots__ = (
        "accounts",
        "credit_limit",
        "deposited",
        "exposure",
        "max_open_orders",
        "name",
        "net_bought",
        "open_orders",
        "suspended",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.accounts: tuple[str, ...] = ()
        self.credit_limit = 0
        self.max_open_orders = 0
        self.exposure = 0
        self.net_bought = 0
        self.open_orders = 0
        self.suspended = False
        self.deposited: dict[str, int] = {}


class Session:
    """A FIX session entitled to enter orders for one member.

    cl_ord_ids: every ClOrdID of the trading day, with the order it belongs to, or None when it was
    spent on a refused request. open_orders: by OrderID, in order of entry.
    """

    __slots__ = (
        "cancel_by_default",
        "cancel_on_disconnect",
        "cl_ord_ids",
        "grace_ends_ns",
        "logged_on",
        "member",
        "name",
        "open_orders",
    )

    def __init__(self, name: str, member: Member, cancel_on_disconnect: bool) -> None:
        self.name = name
        self.member = member
        self.cancel_by_default = cancel_on_disconnect
        self.cancel_on_disconnect = cancel_on_disconnect
        self.cl_ord_ids: dict[str, Order | None] = {}
        self.open_orders: dict[str, Order] = {}
        self.logged_on = False
        self.grace_ends_ns: int | None = None
