"""The members' sessions: for each member one FIX line and its orders.

Knows lines and orders. A member without a session of the gateway's cannot trade through it.
"""

import asyncio
from collections.abc import Callable, Mapping

from venue.gateway.fix_line import Address, FixLine
from venue.gateway.order import Fill, Order
from venue.gateway.orders import Orders
from venue.gateway.problems import Code, Problem

Told = Callable[[str, Order, Fill | None], None]


class MemberSession:
    """A member's orders and the line over which they go."""

    def __init__(self, line: FixLine, orders: Orders) -> None:
        self.line = line
        self.orders = orders


class Sessions:
    """The sessions by member."""

    def __init__(
        self,
        address: Address,
        secrets: Mapping[str, tuple[str, str]],
        told: Told = lambda member, order, fill: None,
    ) -> None:
        """secrets: SenderCompID and password by member."""
        self._by_member = {
            member: _session(address, name, password, member, told)
            for member, (name, password) in secrets.items()
        }

    def of(self, member: str) -> Orders:
        """A member's orders. Raises Problem FORBIDDEN where it has no session here."""
        found = self._by_member.get(member)
        if found is None:
            raise Problem(Code.FORBIDDEN, f"{member} does not trade through this gateway")
        return found.orders

    def troubles(self) -> dict[str, str]:
        """Why a session is not on, by its member."""
        found = {member: each.line.trouble for member, each in self._by_member.items()}
        return {member: trouble for member, trouble in found.items() if trouble}

    def members(self) -> list[str]:
        """Members that have a session."""
        return sorted(self._by_member)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all of them up until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            for each in self._by_member.values():
                group.create_task(each.line.run(stop))


def _session(address: Address, name: str, password: str, member: str, told: Told) -> MemberSession:
    orders = Orders(lambda order, fill: told(member, order, fill))
    line = FixLine(address, name, password, orders.hear, orders.ask_for_open, orders.lost)
    orders.use(line)
    return MemberSession(line, orders)
