"""The process `tracer`: gives the spans of trading, which gives none itself.

May know the settings and TradingSpans. Keeps nothing; may be away.
"""

import asyncio
from typing import TYPE_CHECKING

import structlog

from venue.bus.connection import stop_on_signals, wait_for_stop
from venue.masking import mask_url
from venue.processes import TRACER
from venue.settings.configuration_error import ConfigurationError
from venue.tracer.trading_spans import TradingSpans
from venue.tracing import spans

if TYPE_CHECKING:
    from venue.settings.settings import Settings

TURN_SECONDS = 0.25
_log = structlog.get_logger()


async def run(settings: "Settings") -> None:
    """Follow trading until SIGTERM or SIGINT. Raises ConfigurationError and JournalDamage."""
    given = spans.current()
    if given is None:
        raise ConfigurationError(f"{TRACER.name} has nothing to do: tracing.enabled is false")
    stop = stop_on_signals()
    trading = TradingSpans(given, settings.data_dir, has_gateway=settings.gateway.enabled)
    _log.info("tracing", share=settings.tracing.share, to=mask_url(settings.tracing.endpoint))
    while not await wait_for_stop(stop, TURN_SECONDS):
        await asyncio.to_thread(trading.turn)
    await asyncio.to_thread(trading.turn)
    trading.close()
