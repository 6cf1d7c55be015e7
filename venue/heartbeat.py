"""Runs a coroutine beside a heartbeat of the same loop: a loop that hangs beats no more.

Knows the page of counts. Where metrics are off there is no page, and nothing beats.
"""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from venue.counts_page import BEAT_SECONDS, CountsPage

if TYPE_CHECKING:
    from venue.settings.settings import Settings

T = TypeVar("T")


async def beating(settings: "Settings", process: str, work: Coroutine[Any, Any, T]) -> T:
    """Await the work of a process, and show meanwhile, once a second, that its loop comes round."""
    if not settings.metrics.enabled:
        return await work
    page = CountsPage(settings.data_dir, process)
    beats = asyncio.create_task(beat(page))
    try:
        return await work
    finally:
        beats.cancel()
        page.close()


async def beat(page: CountsPage, not_ready: str = "") -> None:
    """Show the page once a second, for ever. not_ready: see Counts."""
    while True:
        page.show(not_ready)
        await asyncio.sleep(BEAT_SECONDS)
