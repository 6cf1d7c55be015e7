"""Channels that are chosen while the notifier runs, on a real nats-server."""

import asyncio
from pathlib import Path

import pytest

from tests.marketdata.scenario import publish, running, until
from tests.notify.receivers import WebServer
from tests.notify.scenario import channel, ended, heard, posted_ids, trade, use
from venue.bus.parking import read_parked
from venue.notify import worker
from venue.notify.kinds import Kind
from venue.notify.worker import Notifier

pytestmark = pytest.mark.usefixtures("hurried")

PATIENCE = 60.0
QUIET = channel("")
"""NATS is told of nothing."""


def test_channel_that_is_removed_is_told_nothing_more_and_is_parked_no_more(
    tmp_path: Path, nats_url: str, web: WebServer
) -> None:
    web.stop()

    async def scenario() -> None:
        use(tmp_path, {"ALPHA": {"desk": channel(web.url, Kind.FILL), "nats": QUIET}})
        notifier = Notifier(tmp_path, nats_url)
        async with running(notifier.run):
            await publish(nats_url, [trade(1)])
            await until(lambda: bool(read_parked(tmp_path)))
            use(tmp_path, {"BRAVO": {"desk": channel(web.url, Kind.FILL)}})
            await until(lambda: read_parked(tmp_path) == [])
            web.start()
            await publish(nats_url, [trade(2)])
            await until(lambda: len(web.posted) == 1)

    asyncio.run(scenario())
    (told,) = posted_ids(web.posted)
    assert "-2-fill-BRAVO-" in told


def test_channel_holds_for_each_event_behind_it(
    tmp_path: Path, nats_url: str, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 3600.0)

    async def scenario() -> None:
        async with running(Notifier(tmp_path, nats_url).run):
            await publish(nats_url, [ended(1)])
            while len(await heard(nats_url, "ALPHA")) < 1:
                await asyncio.sleep(0.01)
            use(tmp_path, {"ALPHA": {"desk": channel(web.url, Kind.FILL)}})
            await publish(nats_url, [trade(2)])
            await until(lambda: len(web.posted) == 1)

    asyncio.run(asyncio.wait_for(scenario(), PATIENCE))
