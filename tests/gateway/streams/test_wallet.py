"""Balances and wallet events: the ledger first, then its events, whatever is lost between."""

import asyncio
from typing import Any

import pytest

from tests.gateway.streams.test_feeds import Heard
from venue.clearing.wallet.event import WalletEvent
from venue.clearing.wallet.reading import WalletBalance, WalletRead
from venue.gateway.hub import Hub, Topic
from venue.gateway.problems import Code, Problem
from venue.gateway.streams.messages import Channel
from venue.gateway.streams.wallet import Wallets


def event(number: int, member: str = "ALPHA") -> WalletEvent:
    """The member's balance is as much as the events so far."""
    return WalletEvent(
        type="FundsDeposited", v=1, event_seq=number, line=0, wallet_number=number,
        timestamp_ns=number, member=member, account="default", purpose="settled", asset="USD",
        amount="1", balance=str(number), value_date="2026-11-29",
    )  # fmt: skip


class Ledger:
    """As `Readings`: it has booked so many events."""

    def __init__(self) -> None:
        self.number = 0
        self.read = 0
        self.is_away = False
        self.oldest = 1

    async def wallet(self, member: str, most: int) -> WalletRead:
        self.read += 1
        number = self.number
        await asyncio.sleep(0)  # events may come while it is asked
        if self.is_away:
            raise Problem(Code.AWAY, "the ledger cannot be read now")
        held = [WalletBalance("default", "USD", "settled", str(number))] if number else []
        first = max(self.oldest, number - most + 1)
        return WalletRead(number, held, [event(each) for each in range(first, number + 1)])


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


async def heard_by(wallets: Wallets, channel: Channel = Channel.WALLET, **had: Any) -> Heard:
    return Heard(await wallets.feed(channel, "ALPHA"), **had)


def tell(hub: Hub, ledger: Ledger, *numbers: int) -> None:
    for number in numbers:
        ledger.number = max(ledger.number, number)
        hub.tell(Topic.WALLET, "ALPHA", event(number))


async def settled(wallets: Wallets) -> None:
    """Until what was missing was read."""
    stop = asyncio.Event()
    running = asyncio.create_task(wallets.run(stop))
    async with asyncio.timeout(5):
        while not wallets.is_current:
            await asyncio.sleep(0)
    stop.set()
    await running


def test_events_follow_the_snapshot_without_a_gap(hub: Hub, ledger: Ledger) -> None:
    async def scenario() -> None:
        wallets = Wallets(hub, ledger)  # type: ignore[arg-type]
        ledger.number = 3
        wallet, balances = await heard_by(wallets), await heard_by(wallets, Channel.BALANCES)
        tell(hub, ledger, 2, 3, 4, 4, 5)
        assert wallet.numbers() == balances.numbers() == [3, 4, 5]
        assert [each["wallet_number"] for each in wallet.said[0]["events"]] == [1, 2, 3]
        assert [each["balance"] for each in balances.said[0]["balances"]] == ["3"]
        assert [each["balance"]["balance"] for each in balances.said[1:]] == ["4", "5"]
        assert ledger.read == 1

    asyncio.run(scenario())


def test_what_comes_while_the_ledger_is_read_is_said_behind_it(hub: Hub, ledger: Ledger) -> None:
    async def scenario() -> None:
        wallets = Wallets(hub, ledger)  # type: ignore[arg-type]
        ledger.number = 2
        asked = asyncio.create_task(heard_by(wallets))
        await asyncio.sleep(0)
        tell(hub, ledger, 2, 3, 4)
        heard = await asked
        assert heard.numbers() == [4] and ledger.read == 1
        tell(hub, ledger, 5)
        assert heard.numbers() == [4, 5]

    asyncio.run(scenario())


def test_events_that_were_lost_are_read_and_said_in_their_order(hub: Hub, ledger: Ledger) -> None:
    async def scenario() -> None:
        wallets = Wallets(hub, ledger)  # type: ignore[arg-type]
        heard = await heard_by(wallets)
        tell(hub, ledger, 1, 2, 6)
        assert not wallets.is_current and heard.numbers() == [0, 1, 2]
        await settled(wallets)
        assert heard.numbers() == [0, 1, 2, 3, 4, 5, 6]
        ledger.number = 8  # nothing was heard, for NATS was away
        wallets.read_again()
        await settled(wallets)
        assert heard.numbers()[-2:] == [7, 8]

    asyncio.run(scenario())


def test_where_the_ledger_does_not_reach_back_there_is_a_snapshot(hub: Hub, ledger: Ledger) -> None:
    async def scenario() -> None:
        wallets = Wallets(hub, ledger)  # type: ignore[arg-type]
        heard = await heard_by(wallets)
        tell(hub, ledger, 1)
        ledger.oldest = 40
        tell(hub, ledger, 50)
        await settled(wallets)
        assert heard.said[-1]["type"] == "wallet.snapshot" and heard.numbers() == [0, 1, 50]

    asyncio.run(scenario())


def test_numbers_are_the_ledger_s_so_one_resumes_over_a_restart(hub: Hub, ledger: Ledger) -> None:
    async def scenario() -> None:
        ledger.number = 5
        first = await heard_by(Wallets(hub, ledger))  # type: ignore[arg-type]
        ledger.number = 7
        epoch = first.said[0]["epoch"]
        again = await heard_by(Wallets(Hub(), ledger), epoch=epoch, number=5)  # type: ignore[arg-type]
        assert again.resumed and again.numbers() == [6, 7]

    asyncio.run(scenario())


def test_while_the_ledger_is_away_it_is_said_and_asked_again_later(
    hub: Hub, ledger: Ledger
) -> None:
    async def scenario() -> None:
        wallets = Wallets(hub, ledger)  # type: ignore[arg-type]
        ledger.is_away = True
        with pytest.raises(Problem, match="cannot be read"):
            await heard_by(wallets)
        assert wallets.is_current, "nobody waits for it"
        ledger.is_away = False
        heard = await heard_by(wallets)
        ledger.is_away = True
        tell(hub, ledger, 5)
        assert not wallets.is_current
        ledger.is_away = False
        await settled(wallets)
        assert heard.numbers() == [0, 1, 2, 3, 4, 5]

    asyncio.run(scenario())
