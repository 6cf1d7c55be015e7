"""Real processes killed with -9 before and after they commit, and anywhere: nothing twice or lost.

Clearing has its own (tests/clearing/test_processes.py).
"""

import asyncio
from pathlib import Path

from venue.audit.verify import verify
from venue.bus.position_file import read_position_file
from venue.bus.publisher import Publisher
from venue.bus.stream import wipe_stream
from venue.data_directory import DataDirectory

from . import processes
from .busy_day import EVENTS, LAST
from .copies import MEMBERS, assert_told, counts_of, kept_at, length, until_told, wipe_copies
from .events import numbered_events, write_journal
from .list_journal import ListJournal
from .processes import AUDIT, DROPCOPY, PUBLISHER, run_until_it_dies
from .scenario import publish_all, running, stored, until

BEFORE, AFTER = "before-consumer-commit:1:kill", "after-consumer-commit:1:kill"


def test_publisher_killed_between_publishing_and_noting_the_acknowledgement(
    nats_url: str, data_dir: Path
) -> None:
    events = numbered_events(4_000)
    write_journal(data_dir / "journal", events)
    for passing, reached in ((1, 500), (2, 1_500), (3, 3_000)):
        fault = f"after-publish-before-ack:{passing}:kill"
        run_until_it_dies(PUBLISHER, data_dir, nats_url, fault=fault)
        assert len(asyncio.run(stored(nats_url))) == reached
        noted = read_position_file(DataDirectory(data_dir).position("publisher"))
        assert noted is None or noted.event_seq < reached
    journal = ListJournal(events)
    asyncio.run(publish_all(Publisher(journal, nats_url), 4_000))
    assert asyncio.run(stored(nats_url)) == [(e.event_seq, e.payload) for e in journal.events]


def test_a_wiped_stream_is_refilled_by_a_publisher_that_was_not_running(
    nats_url: str, data_dir: Path
) -> None:
    events = numbered_events(1_000)
    write_journal(data_dir / "journal", events)
    fault = "after-publish-before-ack:2:kill"
    run_until_it_dies(PUBLISHER, data_dir, nats_url, fault=fault)
    asyncio.run(wipe_stream(nats_url))
    run_until_it_dies(PUBLISHER, data_dir, nats_url, fault=fault)
    expected = [(each.event_seq, each.payload) for each in ListJournal(events).events]
    assert asyncio.run(stored(nats_url)) == expected


def test_dropcopy_killed_before_and_after_its_commit_and_anywhere(
    nats_url: str, data_dir: Path
) -> None:
    journal = ListJournal(EVENTS)
    journal.durable = 0

    async def copies() -> int:
        return sum([await length(nats_url, member) for member in MEMBERS])

    async def die(fault: str, more: int) -> None:
        before = await copies()
        journal.durable = (journal.durable or 0) + more
        await asyncio.to_thread(run_until_it_dies, DROPCOPY, data_dir, nats_url, fault=fault)
        grown = await copies() > before
        assert grown == fault.startswith("after"), fault

    async def die_anywhere(more: int) -> None:
        before = await copies()
        journal.durable = (journal.durable or 0) + more
        process = processes.start(DROPCOPY, data_dir, nats_url)
        while await copies() == before:
            assert process.poll() is None
        await asyncio.to_thread(processes.kill, process)

    async def scenario() -> None:
        await wipe_copies(nats_url)
        async with running(Publisher(journal, nats_url)):
            for fault in (AFTER, BEFORE, AFTER, BEFORE):
                await die(fault, 60)
            await die_anywhere(60)
            journal.durable = LAST
            process = processes.start(DROPCOPY, data_dir, nats_url)
            try:
                await until_told(nats_url, counts_of(EVENTS))
                await until(lambda: kept_at(data_dir) == LAST)
            finally:
                status = await asyncio.to_thread(processes.stop, process)
        assert status == 0
        await assert_told(nats_url, EVENTS)

    asyncio.run(scenario())


def test_audit_killed_before_and_after_its_commit(nats_url: str, data_dir: Path) -> None:
    journal = ListJournal(numbered_events(600))
    journal.durable = 0

    def audited() -> int:
        verdict = verify(DataDirectory(data_dir).trail, DataDirectory(data_dir).heads)
        assert verdict.ok, verdict.problem
        return verdict.entries

    async def die(fault: str, more: int) -> None:
        before = audited() if DataDirectory(data_dir).trail.exists() else 0
        journal.durable = (journal.durable or 0) + more
        await asyncio.to_thread(run_until_it_dies, AUDIT, data_dir, nats_url, fault=fault)
        assert (audited() > before) == fault.startswith("after"), fault

    async def scenario() -> None:
        async with running(Publisher(journal, nats_url)):
            for fault in (BEFORE, AFTER, AFTER, BEFORE):
                await die(fault, 100)
            journal.durable = 600
            process = processes.start(AUDIT, data_dir, nats_url)
            try:
                await until(lambda: audited() == 600)
            finally:
                status = await asyncio.to_thread(processes.stop, process)
        assert status == 0

    asyncio.run(scenario())
    assert audited() == 600
