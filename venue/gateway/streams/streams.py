"""All that is streamed, and who hears it: feeds, sockets, what is stale, whose login has ended.

Knows the hub, the members' sessions, the books and the tokens. Looks around four times a second:
what is not current is said within that time.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, Protocol

from venue.bus.connection import wait_for_stop
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.markets import Markets
from venue.gateway.news import News
from venue.gateway.problems import Code, Problem
from venue.gateway.readings import Readings
from venue.gateway.sessions import Sessions
from venue.gateway.streams.answers import Stale
from venue.gateway.streams.feed import Feed, encode
from venue.gateway.streams.messages import Channel, Part
from venue.gateway.streams.outbox import Bounds, Outbox
from venue.gateway.streams.private import MemberFeeds
from venue.gateway.streams.public import PublicFeeds
from venue.gateway.streams.wallet import Wallets

PRIVATE = frozenset(
    (Channel.ORDERS, Channel.FILLS, Channel.BALANCES, Channel.WALLET, Channel.ALERTS)
)
_OF_THE_LEDGER = frozenset((Channel.BALANCES, Channel.WALLET))
LOOK_SECONDS = 0.25
LOGINS_SECONDS = 1.0
_WHY_STALE = {
    Part.MARKET_DATA: "market data are away; what was said stands as it was",
    Part.ACCOUNT: "NATS or the ledger is away; what was said stands as it was",
}


class SocketLimits(NamedTuple):
    """Sockets of one address and of one user; origins of browsers that may connect."""

    per_address: int = 200
    per_user: int = 20
    origins: frozenset[str] = frozenset()


class Listening(Protocol):
    """A socket, as far as it is known here."""

    outbox: Outbox
    address: str

    @property
    def user(self) -> str:
        """Whose it is; empty: nobody's yet."""

    @property
    def member(self) -> str:
        """His member."""

    @property
    def family(self) -> str:
        """Of his token; empty: of none."""

    def look(self, now: float) -> None:
        """End what has expired. now: seconds since 1970."""

    def revoke(self) -> None:
        """His login has ended."""


class Streams:
    """is_good: whether a login, by user and family of tokens, is still good."""

    def __init__(
        self,
        hub: Hub,
        markets: Markets,
        sessions: Sessions,
        readings: Readings,
        news: News,
        is_good: Callable[[str, str], bool],
        limits: SocketLimits,
        bounds: Bounds,
    ) -> None:
        self._markets = markets
        self._sessions = sessions
        self._news = news
        self.is_good = is_good
        self.limits = limits
        self.bounds = bounds
        epoch = secrets.token_hex(4)
        self._public = PublicFeeds(hub, markets, epoch, time.monotonic)
        self._members = MemberFeeds(hub, sessions, epoch)
        self.wallets = Wallets(hub, readings)
        news.again = self.wallets.read_again
        self.sockets: dict[Listening, None] = {}
        self._addresses: Counter[str] = Counter()
        self._stale: dict[Part, bool] = {}
        self._logins_at = 0.0
        hub.listen(Topic.LOGINS, EVERYBODY, self._end_logins)
        hub.listen(Topic.LINES, EVERYBODY, self._tell_line)

    # Feeds

    async def feed(self, channel: Channel, of: str, depth: int) -> Feed:
        """A feed. of: symbol, or member of a private channel. Raises Problem."""
        if channel in _OF_THE_LEDGER:
            return await self.wallets.feed(channel, of)
        if channel in PRIVATE:
            return self._members.feed(channel, of)
        return self._public.feed(channel, of, depth)

    # Sockets

    def admit(self, address: str) -> None:
        """Raise Problem TOO_MANY where so many sockets of an address are open already."""
        if self._addresses[address] >= self.limits.per_address:
            text = f"more than {self.limits.per_address} sockets of one address"
            raise Problem(Code.TOO_MANY, text, retry_after=1)

    def admit_user(self, user: str) -> None:
        """Raise Problem TOO_MANY where a user has so many sockets already."""
        if sum(socket.user == user for socket in self.sockets) >= self.limits.per_user:
            text = f"more than {self.limits.per_user} sockets of one user"
            raise Problem(Code.TOO_MANY, text, retry_after=1)

    def add(self, socket: Listening) -> None:
        """A socket is open."""
        self.sockets[socket] = None
        self._addresses[socket.address] += 1

    def remove(self, socket: Listening) -> None:
        """A socket has ended."""
        del self.sockets[socket]
        self._addresses[socket.address] -= 1
        if not self._addresses[socket.address]:
            del self._addresses[socket.address]

    def stale_for(self, member: str) -> list[Stale]:
        """What is not current, for who has just come; of a member's parts where one is named."""
        found = [
            Stale(part=part, stale=True, why=_WHY_STALE[part])
            for part, is_stale in self._stale.items()
            if is_stale and (member or part is Part.MARKET_DATA)
        ]
        trouble = self._sessions.troubles().get(member, "")
        return [*found, Stale(part=Part.ORDERS, stale=True, why=trouble)] if trouble else found

    # Looking around

    async def run(self, stop: asyncio.Event) -> None:
        """Look around, and keep wallets current, until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.wallets.run(stop))
            self.look()
            while not await wait_for_stop(stop, LOOK_SECONDS):
                self.look()

    def look(self) -> None:
        """Say what is stale, end who is too slow or whose token has ended, forget what is idle."""
        members = self._sessions.members()
        is_on = not members or len(self._sessions.troubles()) < len(members)
        is_current = self._markets.is_current
        self._public.status.set(is_current=is_current, is_on=is_on)
        self._tell_stale(Part.MARKET_DATA, not is_current)
        self._tell_stale(Part.ACCOUNT, not (self._news.is_connected and self.wallets.is_current))
        now = time.time()
        for socket in [*self.sockets]:
            socket.outbox.look()
            socket.look(now)
        if now - self._logins_at >= LOGINS_SECONDS:
            self._logins_at = now
            self._check_logins()
        self._public.forget_idle()

    def _tell_stale(self, part: Part, is_stale: bool) -> None:
        if self._stale.get(part, False) == is_stale:
            return
        self._stale[part] = is_stale
        why = _WHY_STALE[part] if is_stale else ""
        payload = encode(Stale(part=part, stale=is_stale, why=why))
        for socket in [*self.sockets]:
            if part is Part.MARKET_DATA or socket.member:
                socket.outbox.put(payload)

    def _tell_line(self, member: str, trouble: str) -> None:
        payload = encode(Stale(part=Part.ORDERS, stale=bool(trouble), why=trouble))
        for socket in [*self.sockets]:
            if socket.member == member:
                socket.outbox.put(payload)

    def _check_logins(self) -> None:
        """Users are blocked by another process too: what it has written is looked at."""
        logins = {(socket.user, socket.family) for socket in self.sockets if socket.user}
        for user, family in logins:
            if not self.is_good(user, family):
                self._end_logins(user, family)

    def _end_logins(self, user: str, family: str) -> None:
        for socket in [*self.sockets]:
            if socket.user == user and family in ("", socket.family):
                socket.revoke()
