"""The example that follows a book with nats-py alone comes to the engine's, by the document."""

import asyncio
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.marketdata.random_venue import RandomVenue
from tests.marketdata.scenario import done, last_values, publish, running
from venue.marketdata.worker import MarketData

EXAMPLE = Path(__file__).parents[2] / "examples" / "order_book.py"
SECONDS = 60


def exact(level: list[Any] | None) -> list[Decimal] | None:
    """Price and quantity of a level."""
    return None if level is None else [Decimal(number) for number in level[:2]]


async def lines_until(process: asyncio.subprocess.Process, seq: int) -> list[dict[str, Any]]:
    """What it prints, up to the update of that number."""
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    async with asyncio.timeout(SECONDS):
        while not lines or lines[-1]["seq"] != seq:
            lines.append(json.loads(await process.stdout.readline()))
    return lines


def test_example_keeps_a_book_whose_checksums_are_right(tmp_path: Path, nats_url: str) -> None:
    venue = RandomVenue(41)
    events = [event for each in venue.run(300) for event in each]
    half = len(events) // 2

    async def scenario() -> None:
        await publish(nats_url, events[:half])
        async with running(MarketData(tmp_path, nats_url).run):
            await done(tmp_path, events[half - 1].event_seq)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(EXAMPLE), nats_url, "ACME"),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                await publish(nats_url, events[half:])
                await done(tmp_path, events[-1].event_seq)
                last = await last_values(nats_url)
                lines = await lines_until(process, last["ACME.l3"]["seq"])
            finally:
                process.kill()
                _, errors = await process.communicate()
        assert b"broken" not in errors
        for side in ("bid", "ask"):
            assert exact(lines[-1][side]) == exact(last["ACME.bbo"][side])

    asyncio.run(scenario())
