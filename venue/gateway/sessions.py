"""The members' sessions: for each member one FIX line and its orders.

Knows lines and orders. A member without a session of the gateway's cannot trade through it.
"""

import asyncio
from collections.abc import Callable, Mapping

from venue.gateway.fix_line import Address, FixLine
from venue.gateway.order import OrderNews
from venue.gateway.orders import Orders
from venue.gateway.problems import Code, Problem

Told = Callable[[str, OrderNews], None]
LineTold = Callable[[str, str], None]


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
        told: Told = lambda member, news: None,
        line_told: LineTold = lambda member, trouble: None,
    ) -> None:
        """secrets: SenderCompID and password by member. line_told: is called with a session's
        trouble when it begins, and with an empty text when the session is on."""
        self._by_member = {
            member: _session(address, name, password, member, told, line_told)
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


def _session(
    address: Address, name: str, password: str, member: str, told: Told, line_told: LineTold
) -> MemberSession:
    orders = Orders(lambda news: told(member, news))

    def up() -> None:
        orders.ask_for_open()
        line_told(member, "")

    def down() -> None:
        orders.lost()
        line_told(member, line.trouble)

    line = FixLine(address, name, password, orders.hear, up, down)
    orders.use(line)
    return MemberSession(line, orders)
