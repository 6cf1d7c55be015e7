"""Wallet events on real servers: each line of a member once, in order, whatever ends in between."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.clearing.documents.week import settlement_events
from tests.dropcopy.list_journal import ListJournal
from tests.dropcopy.processes import CLEARING, run_until_it_dies, start, stop
from tests.dropcopy.scenario import published, running, until
from venue.bus.connection import connected
from venue.bus.parking import read_parked
from venue.bus.publisher import Publisher
from venue.bus.stream import stream_end, wipe_stream
from venue.bus.subjects import LEDGER
from venue.clearing.repository import LedgerRepository
from venue.clearing.wallet.event import Place
from venue.clearing.wallet.lines import LINE_AT, LINES_AFTER, told_place

from .conftest import drop_ledger
from .trades import book, busy_day, delivered, deposited, traded
from .wallets import lines_of, rebuilt, relay, stored, stored_payloads


def ledger(engine: Engine) -> LedgerRepository:
    repository = LedgerRepository(engine)
    repository.open()
    return repository


def held(engine: Engine) -> dict[tuple[str, str, str, str], Decimal]:
    """Members' balances as the ledger has them, by member, account, asset and purpose."""
    query = (
        "SELECT owner, sub_account, asset, kind, balance FROM clearing.balances "
        "JOIN clearing.accounts USING (account_id) WHERE kind IN ('member', 'unsettled')"
    )
    purposes = {"member": "settled", "unsettled": "unsettled"}
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    return {(row[0], row[1], row[2], purposes[row[3]]): row.balance for row in rows}


async def told(nats_url: str, count: int) -> None:
    """Wait until the stream has so many wallet events."""
    async with connected(nats_url, "test") as connection:
        jetstream = connection.client.jetstream()
        async with asyncio.timeout(20):
            while (end := await stream_end(jetstream, LEDGER)) is None or end.event_seq < count:
                await asyncio.sleep(0.01)


def test_each_line_of_a_member_is_told_once_and_rebuilds_its_accounts(
    engine: Engine, nats_url: str
) -> None:
    events = busy_day(1_200)
    book(ledger(engine), delivered(events))
    expected = lines_of(events)

    async def scenario() -> None:
        part = relay(engine, nats_url)
        async with running(part):
            await told(nats_url, len(expected))
            await until(lambda: told_place(engine).event_seq == events[-1].event_seq)

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert [number for _, number, _ in found] == [*range(1, len(expected) + 1)]
    lines = [(e.event_seq, e.member, e.asset, Decimal(e.amount)) for _, _, e in found]
    assert lines == expected
    assert {subject for subject, _, event in found} == {
        f"ledger.{event.member}.entry" for _, _, event in found
    }
    assert rebuilt([event for _, _, event in found]) == held(engine)


def test_settlements_have_a_subject_of_their_own_and_the_same_numbers(
    engine: Engine, nats_url: str
) -> None:
    events = settlement_events()
    book(ledger(engine), delivered(events))

    async def scenario() -> None:
        async with running(relay(engine, nats_url)):
            await told(nats_url, len(lines_of(events)))

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert rebuilt([event for _, _, event in found]) == held(engine)
    kinds = {(subject.rpartition(".")[2], event.type) for subject, _, event in found}
    assert kinds == {
        ("entry", "FundsDeposited"),
        ("entry", "TradeExecuted"),
        ("settlement", "ObligationSettled"),
        ("settlement", "ObligationFailed"),
    }
    owed = [event for _, _, event in found if event.purpose == "unsettled"]
    assert owed and {event.value_date for event in owed} == {"2026-12-01"}


def test_goes_on_where_it_was_as_lines_are_booked(engine: Engine, nats_url: str) -> None:
    events = busy_day(900)
    repository = ledger(engine)

    async def scenario() -> None:
        for first, last in ((0, 300), (300, 600), (600, 900)):
            part = relay(engine, nats_url)
            async with running(part):
                for at in range(first, last, 100):
                    book(repository, delivered(events[at : at + 100]))
                    part.look()
                await told(nats_url, len(lines_of(events[:last])))

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert len(found) == len(lines_of(events))
    assert rebuilt([event for _, _, event in found]) == held(engine)


def test_killed_between_storing_and_noting_loses_and_repeats_nothing(
    engine: Engine, role_urls: dict[str, str], nats_url: str, tmp_path: Path
) -> None:
    logins = role_urls["database_url"], role_urls["database_owner_url"]
    events = busy_day(2_000)
    journal = ListJournal(events)
    arguments = (CLEARING, tmp_path, nats_url, *logins)

    async def scenario() -> None:
        publisher = Publisher(journal, nats_url)
        async with running(publisher):
            await published(publisher, len(events))
            for passing in (1, 2, 1):
                fault = f"after-delivery-before-note:{passing}:kill"
                await asyncio.to_thread(run_until_it_dies, *arguments, fault=fault)
            process = start(*arguments)
            try:
                await told(nats_url, len(lines_of(events)))
            finally:
                status = stop(process)
            assert status == 0

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert [number for _, number, _ in found] == [*range(1, len(lines_of(events)) + 1)]
    assert rebuilt([event for _, _, event in found]) == held(engine)
    assert told_place(engine) > Place()


def test_wiped_stream_is_filled_again_with_the_same_bytes_and_numbers(
    engine: Engine, nats_url: str
) -> None:
    events = busy_day(200)
    book(ledger(engine), delivered(events))
    count = len(lines_of(events))

    async def scenario() -> tuple[list[bytes], list[bytes]]:
        async with running(relay(engine, nats_url)):
            await told(nats_url, count)
            before = await stored_payloads(nats_url)
            await wipe_stream(nats_url, LEDGER)
            await told(nats_url, count)
            return before, await stored_payloads(nats_url)

    before, after = asyncio.run(scenario())
    assert before == after and len(before) == count


def test_ledger_that_is_made_again_is_waited_for(engine: Engine, nats_url: str) -> None:
    events = busy_day(300)
    book(ledger(engine), delivered(events[:200]))
    first, every = len(lines_of(events[:200])), len(lines_of(events))

    async def scenario() -> None:
        async with running(relay(engine, nats_url)):
            await told(nats_url, first)
        drop_ledger(str(engine.url.render_as_string(hide_password=False)))
        repository = ledger(engine)
        book(repository, delivered(events[:100]))
        part = relay(engine, nats_url)
        async with running(part):
            book(repository, delivered(events[100:200]))
            part.look()
            book(repository, delivered(events[200:]))
            part.look()
            await told(nats_url, every)

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert [number for _, number, _ in found] == [*range(1, every + 1)]
    assert rebuilt([event for _, _, event in found]) == held(engine)


@pytest.mark.parametrize("what", ["another ledger", "a foreign message"])
def test_stream_that_is_not_the_ledger_s_halts_until_it_is_wiped(
    engine: Engine, nats_url: str, tmp_path: Path, what: str
) -> None:
    book(ledger(engine), delivered([deposited(1), traded(2)]))

    async def spoil() -> None:
        if what == "another ledger":
            drop_ledger(str(engine.url.render_as_string(hide_password=False)))
            book(ledger(engine), delivered([deposited(1), traded(2, quantity="11")]))
            return
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            await jetstream.publish("ledger.ALPHA.entry", b"{}")

    async def scenario() -> None:
        async with running(relay(engine, nats_url, tmp_path)):
            await told(nats_url, 5)
        await spoil()
        before = await stored_count(nats_url)
        async with running(relay(engine, nats_url, tmp_path)):
            await until(lambda: read_parked(tmp_path) != [])
            (parked,) = read_parked(tmp_path)
            assert parked.consumer == "clearing"
            assert parked.error.startswith("wallet-events: ")
            assert await stored_count(nats_url) == before
            await wipe_stream(nats_url, LEDGER)
            await until(lambda: read_parked(tmp_path) == [])
            await told(nats_url, 5)

    asyncio.run(scenario())
    found = asyncio.run(stored(nats_url))
    assert rebuilt([event for _, _, event in found]) == held(engine)


async def stored_count(nats_url: str) -> int:
    async with connected(nats_url, "test") as connection:
        return int((await connection.client.jetstream().stream_info(LEDGER)).state.messages)


def test_reader_s_consumer_gives_his_member_s_events_only_and_is_never_another_s(
    engine: Engine, nats_url: str
) -> None:
    events = busy_day(100)
    book(ledger(engine), delivered(events))

    async def scenario(member: str) -> set[str]:
        async with running(relay(engine, nats_url, readers={"BACK": member})):
            await told(nats_url, len(lines_of(events)))
        async with connected(nats_url, "test") as connection:
            jetstream = connection.client.jetstream()
            subscription = await jetstream.pull_subscribe_bind("BACK", LEDGER)
            messages = await subscription.fetch(50, timeout=5)
            return {message.subject for message in messages}

    assert asyncio.run(scenario("ALPHA")) == {"ledger.ALPHA.entry"}
    assert asyncio.run(scenario("BRAVO")) == {"ledger.BRAVO.entry"}


def test_lines_are_found_by_their_place(engine: Engine) -> None:
    book(ledger(engine), delivered(busy_day(100)))
    given = {"event_seq": 5, "line": 1, "limit": 10}
    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for query in (LINES_AFTER, LINE_AT):
            plan = connection.execute(text(f"EXPLAIN {query.text}"), given).scalars().all()
            assert not [line for line in plan if "Seq Scan" in line], plan
            assert any("postings_pkey" in line for line in plan), plan
