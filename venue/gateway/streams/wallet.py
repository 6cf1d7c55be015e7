"""Members' balances and wallet events: read from the ledger once, then kept by the events.

Knows the readings and the hub. The ledger is ahead of its events, so what it says goes with a
number, and events up to it are in it. Where an event is missing the ledger is read again, and who
hears gets a snapshot.
"""

import asyncio
from collections import deque

import structlog

from venue.clearing.wallet.event import WalletEvent
from venue.gateway.hub import EVERYBODY, Hub, Topic
from venue.gateway.problems import Problem
from venue.gateway.readings import Readings
from venue.gateway.streams.feed import Feed, Key, encode
from venue.gateway.streams.messages import (
    BalanceHeld,
    BalancesSnapshot,
    BalancesUpdate,
    Channel,
    WalletSnapshot,
    WalletUpdate,
)

EPOCH = "ledger"
"""The ledger's own count: it goes on over restarts of the gateway."""
EVENTS_KEPT = 200
WAITING_MAX = 10_000
RETRY_SECONDS = 1.0
_log = structlog.get_logger("gateway")


class Wallet:
    """One member's, once it was read."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.is_read = self.has_begun = False
        self.reading = asyncio.Lock()
        self._held: dict[tuple[str, str, str], BalanceHeld] = {}
        self._events: deque[WalletEvent] = deque(maxlen=EVENTS_KEPT)
        self._waiting: list[WalletEvent] = []
        """Events that came while the ledger was read."""
        self.balances = Feed(Key(Channel.BALANCES, member), EPOCH, self._all_balances, is_kept=True)
        self.wallet = Feed(Key(Channel.WALLET, member), EPOCH, self._last_events, is_kept=True)

    @property
    def number(self) -> int:
        """wallet_number of the last event in it."""
        return self.wallet.number

    def take(self, event: WalletEvent) -> bool:
        """Say an event. False: one before it is missing, or the ledger was not read yet."""
        if not self.is_read:
            if len(self._waiting) < WAITING_MAX:  # the ledger has them too
                self._waiting.append(event)
            return False
        if event.wallet_number <= self.number:
            return True
        if event.wallet_number > self.number + 1:
            self.is_read = False
            self._waiting = [event]
            return False
        held = self._hold(event)
        self._events.append(event)
        number = event.wallet_number
        self.balances.say(BalancesUpdate(epoch=EPOCH, number=number, balance=held))
        self.wallet.say(WalletUpdate(epoch=EPOCH, number=number, event=event))
        return True

    def begin(self, number: int, held: list[BalanceHeld], events: list[WalletEvent]) -> bool:
        """Go on from what the ledger says. False: an event is missing even so.

        events: the last ones up to `number`. Where they reach back to what was said, they are said;
        else who hears gets a snapshot.
        """
        missed = [event for event in events if event.wallet_number > self.number]
        is_first, self.has_begun, self.is_read = not self.has_begun, True, True
        if is_first or number < self.number or len(missed) != number - self.number:
            self._held = {(each.account, each.asset, each.purpose): each for each in held}
            self._events = deque(events, maxlen=EVENTS_KEPT)
            self.balances.begin_again(number)
            self.wallet.begin_again(number)
            self._remember(events)
            missed = []
        waiting, self._waiting = self._waiting, []
        for event in (*missed, *waiting):
            self.take(event)
        return self.is_read

    def _remember(self, events: list[WalletEvent]) -> None:
        """What was said last, for who goes on from there."""
        for event in events:
            update = WalletUpdate(epoch=EPOCH, number=event.wallet_number, event=event)
            self.wallet.remember(event.wallet_number, encode(update))
            balance = BalancesUpdate(epoch=EPOCH, number=event.wallet_number, balance=_of(event))
            self.balances.remember(event.wallet_number, encode(balance))

    def _hold(self, event: WalletEvent) -> BalanceHeld:
        held = _of(event)
        self._held[event.account, event.asset, event.purpose] = held
        return held

    def _all_balances(self) -> BalancesSnapshot:
        found = tuple(self._held[key] for key in sorted(self._held))
        return BalancesSnapshot(epoch=EPOCH, number=self.balances.number, balances=found)

    def _last_events(self) -> WalletSnapshot:
        return WalletSnapshot(epoch=EPOCH, number=self.number, events=tuple(self._events))


class Wallets:
    """The wallets by member. is_current: whether the ones that are heard have all events."""

    def __init__(self, hub: Hub, readings: Readings) -> None:
        self._readings = readings
        self._wallets: dict[str, Wallet] = {}
        self._wake = asyncio.Event()
        hub.listen(Topic.WALLET, EVERYBODY, self._take)

    @property
    def is_current(self) -> bool:
        """Whether every wallet that was asked for follows the ledger."""
        return all(wallet.is_read for wallet in self._wallets.values())

    async def feed(self, channel: Channel, member: str) -> Feed:
        """A member's feed; reads the ledger where it was not read yet. Raises Problem AWAY."""
        wallet = self._wallets.get(member)
        if wallet is None:
            wallet = self._wallets[member] = Wallet(member)
        try:
            await self._read(wallet)
        except Problem:
            if not wallet.balances.is_heard and not wallet.wallet.is_heard:
                self._wallets.pop(member, None)  # nobody waits for it
            raise
        return wallet.balances if channel is Channel.BALANCES else wallet.wallet

    def read_again(self) -> None:
        """Events may have been missed: read what was read before again."""
        for wallet in self._wallets.values():
            wallet.is_read = False
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Read again what is not current, until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                self._wake.clear()
                seconds = RETRY_SECONDS if not await self._read_all() else None
                try:
                    async with asyncio.timeout(seconds):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            stopping.cancel()

    async def _read_all(self) -> bool:
        for wallet in [*self._wallets.values()]:
            try:
                await self._read(wallet)
            except Problem as problem:
                _log.warning("wallet_not_read", member=wallet.member, why=problem.message)
        return self.is_current

    async def _read(self, wallet: Wallet) -> None:
        async with wallet.reading:
            if wallet.is_read:
                return
            found = await self._readings.wallet(wallet.member, EVENTS_KEPT)
            held = [BalanceHeld(**each._asdict()) for each in found.balances]
            if not wallet.begin(found.number, held, found.events):
                self._wake.set()

    def _take(self, member: str, event: WalletEvent) -> None:
        wallet = self._wallets.get(member)
        if wallet is not None and not wallet.take(event):
            self._wake.set()


def _of(event: WalletEvent) -> BalanceHeld:
    return BalanceHeld(
        account=event.account, asset=event.asset, purpose=event.purpose, balance=event.balance
    )
