"""Best bids and offers at most so many a second; the last one is never left out."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec

from venue.domain.types import Side
from venue.marketdata.feed import Feed
from venue.marketdata.worker import MarketData

from .events import accepted, order
from .scenario import listening, publish, running, until


def best_said(feed: Feed, now: float) -> list[tuple[int, str]]:
    """Number and price of the best bids that are published now."""
    said = [msgspec.json.decode(p.payload) for p in feed.take(now) if p.kind == "bbo"]
    return [(each["seq"], each["bid"][0]) for each in said]


def test_changes_within_the_pause_wait_and_the_last_is_said() -> None:
    feed = Feed(bbo_per_second=4)

    def enter(seq: int, price: str, now: float) -> list[tuple[int, str]]:
        feed.apply(accepted(seq, order(f"O{seq}", Side.BUY, price, "1")))
        return best_said(feed, now)

    assert enter(1, "100", 10.0) == [(1, "100")]
    assert enter(2, "101", 10.1) == enter(3, "102", 10.2) == []
    assert feed.bbo_due == 10.25
    assert best_said(feed, 10.24) == []
    assert best_said(feed, 10.25) == [(2, "102")]
    assert feed.bbo_due is None
    assert best_said(feed, 99.0) == []


def test_one_symbol_does_not_wait_for_another() -> None:
    feed = Feed(bbo_per_second=1)
    for seq, symbol in enumerate(("ACME", "GLOBEX"), 1):
        feed.apply(accepted(seq, order(f"O{seq}", Side.BUY, "5", "1", symbol=symbol)))
        assert best_said(feed, 10.0 + seq / 10) == [(1, "5")]


def test_a_best_bid_that_is_as_it_was_said_waits_no_more() -> None:
    feed = Feed(bbo_per_second=1)
    feed.apply(accepted(1, order("O1", Side.BUY, "100", "1")))
    feed.take(10.0)
    feed.apply(accepted(2, order("O2", Side.BUY, "100", "1")))
    feed.take(10.1)
    assert feed.bbo_due is not None
    gone = order("O2", Side.BUY, "100", "0", waiting=True)
    feed.apply(accepted(3, gone))
    assert best_said(feed, 10.2) == [] and feed.bbo_due is None


def test_market_data_says_the_last_of_many_best_bids_by_itself(
    tmp_path: Path, nats_url: str
) -> None:
    async def scenario() -> None:
        worker = MarketData(tmp_path, nats_url)
        worker.bbo_per_second = 1
        async with listening(nats_url) as heard, running(worker.run):
            for seq in range(1, 6):
                state = order(f"O{seq}", Side.BUY, str(100 + seq), "1")
                await publish(nats_url, [accepted(seq, state)])
                await until(partial(heard.has, "md.ACME.l3", seq))
            await until(lambda: heard.reached(5))
            best = heard.of("md.ACME.bbo")
        assert best[-1]["bid"] == ["105", "1", 1]
        assert [each["seq"] for each in best] == list(range(1, len(best) + 1))

    asyncio.run(scenario())
