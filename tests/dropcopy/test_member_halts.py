"""What is wrong with one member's stream stops that member's drop copies, and nobody else's."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from venue.bus.connection import connected
from venue.bus.parking import Parked, read_parked
from venue.bus.stream import wipe_stream
from venue.bus.subjects import drop_stream
from venue.dropcopy.funds_copy import FundsCopy
from venue.dropcopy.watch import Watch

from .busy_day import EVENTS, HALF, LAST, copy_all, durable
from .copies import MEMBERS, assert_told, copying, counts_of, expected, kept_at, until_told
from .scenario import stored_alerts, until

pytestmark = pytest.mark.usefixtures("hurried")

WRONGED = "CHARLIE"
OTHERS = [member for member in MEMBERS if member != WRONGED]
STREAM = drop_stream(WRONGED)

Wrong = Callable[[JetStreamContext], Awaitable[object]]


async def a_foreign_message(jetstream: JetStreamContext) -> None:
    await jetstream.publish(f"drop.{WRONGED}.ACME", b"anything")


async def a_deposit_that_was_none(jetstream: JetStreamContext) -> None:
    number = len(expected(EVENTS[:HALF], WRONGED)) + 1
    copy = FundsCopy(
        type="FundsDeposited", v=2, event_seq=HALF, member_seq=number, timestamp_ns=1,
        member=WRONGED, asset="USD", amount="1000000",
    )  # fmt: skip
    await jetstream.publish(
        f"drop.{WRONGED}._funds", msgspec.json.encode(copy), headers={"Nats-Msg-Id": str(number)}
    )


async def a_forged_copy(jetstream: JetStreamContext) -> None:
    number = len(expected(EVENTS[:HALF], WRONGED)) + 2
    copy = msgspec.structs.replace(expected(EVENTS, WRONGED)[number - 1], last_px="1")
    await jetstream.publish(
        f"drop.{WRONGED}.ACME", msgspec.json.encode(copy), headers={"Nats-Msg-Id": str(number)}
    )


async def a_repeat_that_was_none(jetstream: JetStreamContext) -> None:
    """Under the number of the last copy: the next true one has no reason to differ from it."""
    last = expected(EVENTS[:HALF], WRONGED)[-1]
    await jetstream.publish(
        f"drop.{WRONGED}.ACME",
        msgspec.json.encode(msgspec.structs.replace(last, last_px="1")),
        headers={"Nats-Msg-Id": str(last.member_seq)},
    )


async def a_copy_that_is_no_json(jetstream: JetStreamContext) -> None:
    number = len(expected(EVENTS[:HALF], WRONGED)) + 2
    await jetstream.publish(f"drop.{WRONGED}.ACME", b"{", headers={"Nats-Msg-Id": str(number)})


async def another_stream_in_its_place(jetstream: JetStreamContext) -> None:
    await jetstream.delete_stream(STREAM)
    await jetstream.add_stream(StreamConfig(name="FOREIGN", subjects=[f"drop.{WRONGED}.>"]))


async def do(nats_url: str, wrong: Wrong) -> None:
    async with connected(nats_url, "test") as connection:
        await wrong(connection.client.jetstream())


def parked_of(data_dir: Path) -> list[Parked]:
    return [each for each in read_parked(data_dir) if each.member]


@pytest.mark.parametrize("meanwhile", [True, False], ids=["while it runs", "while it is away"])
@pytest.mark.parametrize(
    "wrong",
    [
        a_foreign_message,
        a_forged_copy,
        a_copy_that_is_no_json,
        a_repeat_that_was_none,
        another_stream_in_its_place,
    ],
)
def test_others_go_on_and_a_wiped_stream_is_filled_again(
    bus: str, data_dir: Path, wrong: Wrong, meanwhile: bool
) -> None:
    journal = durable(HALF)

    async def scenario() -> None:
        if not meanwhile:
            await copy_all(bus, data_dir, HALF)
            await do(bus, wrong)
        async with copying(bus, data_dir, journal) as copied:
            if meanwhile:
                await copied(HALF)
                await do(bus, wrong)
            journal.durable = LAST
            await until_told(bus, {member: counts_of(EVENTS)[member] for member in OTHERS})
            await until(lambda: bool(parked_of(data_dir)))
            (parked,) = read_parked(data_dir)
            assert (parked.consumer, parked.member) == ("dropcopy", WRONGED)
            assert parked.error.startswith(f"member {WRONGED}: ")
            assert kept_at(data_dir) < LAST, "the journal keeps what the member lacks"
            for stream in ("FOREIGN", STREAM):
                await wipe_stream(bus, stream)
            await copied(LAST)
        await assert_told(bus, EVENTS)
        assert read_parked(data_dir) == []
        assert {alert["consumer"] for alert in await stored_alerts(bus)} == {"dropcopy"}

    asyncio.run(scenario())


@pytest.mark.parametrize("meanwhile", [True, False], ids=["while it runs", "while it is away"])
def test_forged_copy_under_the_next_number_is_noticed_before_the_true_one_comes(
    bus: str, data_dir: Path, meanwhile: bool
) -> None:
    """JetStream would take the true one for a repeat of it."""
    journal = durable(HALF)

    async def scenario() -> None:
        if not meanwhile:
            await copy_all(bus, data_dir, HALF)
            await do(bus, a_deposit_that_was_none)
        async with copying(bus, data_dir, journal) as copied:
            if meanwhile:
                await copied(HALF)
                await do(bus, a_deposit_that_was_none)
            await until(lambda: bool(parked_of(data_dir)))
            journal.durable = LAST
            await until_told(bus, {member: counts_of(EVENTS)[member] for member in OTHERS})
            await wipe_stream(bus, STREAM)
            await copied(LAST)
        await assert_told(bus, EVENTS)
        assert read_parked(data_dir) == []

    asyncio.run(scenario())


def test_watch_of_a_stream_with_a_foreign_message_goes_on_and_says_so(
    bus: str, data_dir: Path
) -> None:
    said: list[str] = []

    async def scenario() -> None:
        await copy_all(bus, data_dir, HALF)
        stop = asyncio.Event()
        watch = Watch(bus, WRONGED, None, lambda *_: None, said.append)
        task = asyncio.create_task(watch.run(stop))
        await until(lambda: watch._next is not None)
        await do(bus, a_foreign_message)
        await until(lambda: bool(said))
        stop.set()
        await task

    asyncio.run(scenario())
    assert said == [f"a message that is no drop copy: drop.{WRONGED}.ACME"]
