"""Drop copies on a real nats-server: once each, in order, whatever is killed or begun anew."""

import asyncio
from pathlib import Path

import pytest

from venue.bus.publisher import Publisher
from venue.data_directory import DataDirectory
from venue.domain.events import TradeExecuted
from venue.dropcopy import drop_streams
from venue.dropcopy.numbering import Numbers, count_back, number
from venue.dropcopy.worker import DropCopier
from venue.servers.nats import NatsServer

from .busy_day import EVENTS, HALF, LAST, copy_all, durable
from .conftest import kill, restart
from .copies import assert_told, copying, counts_of, until_told
from .events import write_journal
from .reply_swallower import ReplySwallower
from .scenario import publish_all, running

pytestmark = pytest.mark.usefixtures("hurried")


def test_each_member_is_told_its_own_executions(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_it_goes_on_where_it_was(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        for event_seq in (10, HALF, HALF, LAST):
            await copy_all(bus, data_dir, event_seq)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_a_lost_or_damaged_file_repeats_nothing(bus: str, data_dir: Path) -> None:
    async def scenario() -> None:
        await copy_all(bus, data_dir, HALF)
        file = DataDirectory(data_dir).position("dropcopy")
        file.unlink()
        await copy_all(bus, data_dir, HALF + 100)
        file.write_bytes(file.read_bytes()[:-20])
        await copy_all(bus, data_dir)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_nats_server_killed_while_it_copies(
    bus: str, nats_server: NatsServer, data_dir: Path
) -> None:
    journal = durable(HALF // 2)

    async def scenario() -> None:
        async with copying(bus, data_dir, journal) as copied:
            for event_seq in (HALF // 2, HALF):
                journal.durable = event_seq
                await copied(event_seq)
                kill(nats_server)
                restart(nats_server)
            journal.durable = LAST
            await copied(LAST)
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_lost_acknowledgements(
    bus: str, nats_server: NatsServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_streams, "ACKNOWLEDGEMENT_TIMEOUT_SECONDS", 0.3)

    async def scenario() -> None:
        await publish_all(Publisher(durable(LAST), bus), LAST)
        proxy = ReplySwallower(nats_server.host, nats_server.port)
        proxy.swallow_after = 5_000
        async with proxy.listening() as port:
            url = bus.replace(f":{nats_server.port}", f":{port}")
            async with running(DropCopier(data_dir, url)):
                await until_told(bus, counts_of(EVENTS))
        assert proxy.swallowed > 0
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_two_processes_at_once_still_store_each_copy_once(bus: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        await asyncio.gather(copy_all(bus, tmp_path / "one"), copy_all(bus, tmp_path / "other"))
        await assert_told(bus, EVENTS)

    asyncio.run(scenario())


def test_counting_back_gives_the_numbers_of_any_earlier_event(data_dir: Path) -> None:
    write_journal(data_dir / "journal", list(EVENTS))
    numbers = Numbers()
    at = {0: numbers}
    for event in EVENTS:
        numbers, _ = number(numbers, event)
        at[event.event_seq] = numbers
    trade = next(event.event_seq for event in EVENTS if isinstance(event, TradeExecuted))
    for event_seq in (0, 30, trade - 1, trade, HALF, LAST):
        back = asyncio.run(count_back(numbers, event_seq, data_dir / "journal"))
        assert back.event_seq == event_seq
        assert {m: n for m, n in back.members.items() if n} == {
            m: n for m, n in at[event_seq].members.items() if n
        }
