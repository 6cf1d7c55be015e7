"""Instruments for tests of simulated counterparties."""

from venue.domain.instruments import Instrument, InstrumentDefinition

ACME = InstrumentDefinition(
    symbol="ACME",
    currency="USD",
    tick_size="0.01",
    lot_size="1",
    reference_price="100.00",
    max_order_qty="1000000",
    max_order_value="1000000000",
    price_collar_percent="10",
)
BTC = InstrumentDefinition(
    symbol="BTC-USD",
    currency="USD",
    tick_size="0.01",
    lot_size="0.00000001",
    reference_price="50000.00",
    max_order_qty="100",
    max_order_value="1000000000",
    price_collar_percent="10",
    asset="BTC",
)


def instruments() -> list[Instrument]:
    """Fresh ones, with empty caches."""
    return [Instrument(ACME), Instrument(BTC)]
