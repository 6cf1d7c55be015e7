"""What is not known yet is said to be unknown: no empty list, and no symbol that is none."""

from collections.abc import Callable

import pytest

from venue.gateway.hub import Hub
from venue.gateway.kraken.names import Pairs
from venue.gateway.markets import Markets
from venue.gateway.problems import Code, Problem

NOBODY = "nats://127.0.0.1:1"


@pytest.mark.parametrize(
    "asked",
    [
        lambda markets: markets.book("ACME", 1),
        lambda markets: markets.ticker("ACME"),
        lambda markets: markets.queue("ACME", is_buy=True),
        lambda markets: markets.require_all(),
        lambda markets: Pairs(markets, Hub(), {}).all(),
        lambda markets: Pairs(markets, Hub(), {}).of("ACME/USD"),
    ],
    ids=["book", "ticker", "queue", "all", "pairs", "pair"],
)
def test_before_market_data_has_said_a_thing_it_is_away(asked: Callable[[Markets], object]) -> None:
    with pytest.raises(Problem) as refused:
        asked(Markets(NOBODY))
    assert (refused.value.code, refused.value.retry_after) == (Code.AWAY, 1)
