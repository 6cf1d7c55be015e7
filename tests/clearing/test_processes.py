"""Publisher and clearing as processes of their own: from a real journal into the ledger."""

import asyncio
from pathlib import Path

from sqlalchemy import Engine

from tests.dropcopy.events import write_journal
from tests.dropcopy.list_journal import ListJournal
from tests.dropcopy.processes import CLEARING, PUBLISHER, kill, run_until_it_dies, start, stop
from tests.dropcopy.scenario import running, until
from venue.bus.position_file import (
    Position,
    digest_of,
    read_position_file,
)
from venue.bus.publisher import Publisher
from venue.clearing.statements import trial_balance
from venue.data_directory import DataDirectory
from venue.domain.codec import encode
from venue.journal.durable import forget_position
from venue.journal.identity import journal_identity

from .test_worker import assert_booked_exactly, position
from .trades import busy_day, trades_in


def logins(role_urls: dict[str, str]) -> tuple[str, str]:
    """With which clearing books, and migrates."""
    return role_urls["database_url"], role_urls["database_owner_url"]


BEFORE, AFTER = "before-consumer-commit:1:kill", "after-consumer-commit:1:kill"


def test_both_processes_do_their_part_and_end_on_sigterm(
    engine: Engine, role_urls: dict[str, str], nats_url: str, tmp_path: Path
) -> None:
    events = busy_day(1_500)
    write_journal(tmp_path / "journal", events)
    journal, last = journal_identity(tmp_path / "journal"), digest_of(encode(events[-1]))
    processes = [
        start(PUBLISHER, tmp_path, nats_url),
        start(CLEARING, tmp_path, nats_url, *logins(role_urls)),
    ]
    try:
        asyncio.run(until(lambda: trial_balance(engine)["position"] == 1_500))
    finally:
        statuses = [stop(process) for process in processes]
        forget_position(tmp_path / "journal")
    assert statuses == [0, 0]
    assert trial_balance(engine)["trades"] == trades_in(events)
    for name, stream_sequence in (("publisher", 1_500), ("clearing", 0)):
        shown = read_position_file(DataDirectory(tmp_path).position(name))
        assert shown == Position(1_500, stream_sequence, journal, last)


def test_clearing_killed_before_and_after_its_commit_and_anywhere(
    engine: Engine, role_urls: dict[str, str], nats_url: str, tmp_path: Path
) -> None:
    journal = ListJournal(busy_day(2_000))
    journal.durable = 0
    arguments = (CLEARING, tmp_path, nats_url, *logins(role_urls))

    async def die(fault: str) -> None:
        before = position(engine)
        journal.durable = (journal.durable or 0) + 200
        await asyncio.to_thread(run_until_it_dies, *arguments, fault=fault)
        assert (position(engine) > before) == fault.startswith("after"), fault

    async def die_anywhere() -> None:
        before = position(engine)
        journal.durable = (journal.durable or 0) + 200
        process = start(*arguments)
        await until(lambda: position(engine) > before)
        await asyncio.to_thread(kill, process)

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)):
            for fault in (BEFORE, AFTER, AFTER, BEFORE):
                await die(fault)
            await die_anywhere()
            journal.durable = 2_000
            process = start(*arguments)
            try:
                await until(lambda: position(engine) == 2_000)
            finally:
                status = await asyncio.to_thread(stop, process)
        assert status == 0

    asyncio.run(scenario())
    assert_booked_exactly(engine, journal, 2_000)
