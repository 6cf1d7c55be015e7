"""Readers have accounts of their own: they get what is theirs, and their answers go nowhere else.

NATS gives an answer on whatever subject the asker names, without asking his permissions.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

from tests.servers.reader_logins import STREAMS, InOneAccount, Logins, logins_in
from venue.bus.connection import connected
from venue.bus.permissions import OPERATOR
from venue.servers.nats import NatsServer

READERS = {
    "ALPHA-BACK": "ALPHA",
    "ALPHA-DESK": "ALPHA",
    "BRAVO-RISK": "BRAVO",
    "SCREENS": "",
    "WALLS": "",
}
COPIES = 60
"""Drop copies in ALPHA's stream."""
API = "$JS.API"
ONE = b'{"batch":1,"no_wait":true}'
OF_A_MEMBER = {
    f"{API}.STREAM.INFO.DROP_ALPHA": b"",
    f"{API}.STREAM.MSG.GET.DROP_ALPHA": b'{"seq":1}',
    f"{API}.CONSUMER.INFO.DROP_ALPHA.ALPHA-BACK": b"",
    f"{API}.CONSUMER.MSG.NEXT.DROP_ALPHA.ALPHA-BACK": ONE,
    f"{API}.CONSUMER.INFO.LEDGER.ALPHA-BACK": b"",
    f"{API}.CONSUMER.MSG.NEXT.LEDGER.ALPHA-BACK": ONE,
}
OF_THE_PUBLIC = {
    f"{API}.STREAM.INFO.KV_md_last": b"",
    f"{API}.STREAM.MSG.GET.KV_md_last": b'{"seq":1}',
    f"{API}.DIRECT.GET.KV_md_last.$KV.md_last.ACME.bbo": b"",
    f"{API}.DIRECT.GET.MD_TRADES": b'{"seq":1}',
    "snapshot.ACME": b"",
}
REQUESTS = {
    "ALPHA-BACK": OF_A_MEMBER,
    "SCREENS": OF_THE_PUBLIC,
    "fix-marketdata": OF_THE_PUBLIC,
    "gateway": {
        **OF_THE_PUBLIC,
        f"{API}.STREAM.INFO.ALERTS": b"",
        f"{API}.STREAM.MSG.GET.ALERTS": b'{"seq":1}',
    },
}
"""Every request that a reader may make, with an answer to it."""
STORED = (
    "venue.events.TradeExecuted.ACME",
    "drop.ALPHA.ACME",
    "drop.BRAVO.ACME",
    "ledger.BRAVO.entry",
    "alert._",
    "alert.BRAVO",
    "md.ACME.trade",
    "$KV.md_last.ACME.bbo",
)
"""Subjects of others whose messages are stored."""
FOREIGN = (
    *STORED,
    "md.ACME.bbo",
    f"{API}.STREAM.PURGE.DROP_BRAVO",
    f"{API}.STREAM.DELETE.VENUE_EVENTS",
    f"{API}.CONSUMER.DELETE.DROP_BRAVO.BRAVO-RISK",
    f"{API}.CONSUMER.MSG.NEXT.DROP_BRAVO.BRAVO-RISK",
    "$JS.ACK.DROP_BRAVO.BRAVO-RISK.1.1.1.1.0",
    f"{API}.CONSUMER.MSG.NEXT.LEDGER.BRAVO-RISK",
    "$JS.ACK.LEDGER.BRAVO-RISK.1.1.1.1.0",
    "_INBOX.publisher.x",
    "_INBOX.venue.x",
    "_R_.guessed.x",
    "$SYS.REQ.SERVER.PING",
)
LISTENING = {
    OPERATOR: FOREIGN,
    "BRAVO-RISK": ("drop.BRAVO.>", "ledger.BRAVO.>", "alert.BRAVO"),
    "ALPHA-DESK": ("drop.ALPHA.>", "ledger.ALPHA.>", "alert.ALPHA"),
    "WALLS": ("md.>",),
}


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logins]:
    with logins_in(tmp_path_factory.mktemp("accounts"), READERS) as started:
        asyncio.run(fill(started))
        yield started


async def fill(logins: Logins) -> None:
    """Copies, trades, last values; one of BRAVO's copies is taken and not acknowledged."""
    async with connected(logins.urls[OPERATOR], "test") as connection:
        jetstream = connection.client.jetstream()
        for _ in range(COPIES):
            await jetstream.publish("drop.ALPHA.ACME", b"{}")
            await jetstream.publish("ledger.ALPHA.entry", b"{}")
        for _ in range(3):
            await jetstream.publish("drop.BRAVO.ACME", b"{}")
            await jetstream.publish("md.ACME.trade", b"{}")
        await jetstream.publish("$KV.md_last.ACME.bbo", b"{}")
        await jetstream.publish("alert._", b"{}")
    async with connected(logins.urls["BRAVO-RISK"], "test") as connection:
        bound = connection.client.jetstream()
        subscription = await bound.pull_subscribe_bind("BRAVO-RISK", "DROP_BRAVO")
        assert len(await subscription.fetch(1, timeout=5)) == 1


async def answering(stack: AsyncExitStack, logins: Logins) -> None:
    """Whoever asks for a snapshot is answered twice, wherever he wants it."""
    connection = await stack.enter_async_context(connected(logins.urls["marketdata"], "test"))

    async def answer(question: Msg) -> None:
        for _ in range(2):
            await connection.client.publish(question.reply, b"{}")

    await connection.client.subscribe("snapshot.*", cb=answer)
    await connection.client.flush()


async def states(logins: Logins) -> tuple[dict[str, Any], ConsumerInfo]:
    """Every stream's extent, and the place of BRAVO's consumer."""
    async with connected(logins.urls[OPERATOR], "test") as connection:
        jetstream = connection.client.jetstream()
        found = {}
        for stream in STREAMS:
            state = (await jetstream.stream_info(stream)).state
            found[stream] = (state.messages, state.first_seq, state.last_seq)
        return found, await jetstream.consumer_info("DROP_BRAVO", "BRAVO-RISK")


async def ask(client: Client, subject: str, payload: bytes) -> Msg:
    """The first answer. A pulled message comes under its own subject, so each has an inbox."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    await client.publish(subject, payload, reply=inbox)
    answer = await answers.next_msg(timeout=10)
    await answers.unsubscribe()
    return answer


async def forge(logins: Logins, user: str) -> list[str]:
    """Make every request with every foreign reply subject. What of it others have heard."""
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    async with AsyncExitStack() as stack:
        await answering(stack, logins)
        clients = {}
        for name, subjects in LISTENING.items():
            connection = await stack.enter_async_context(connected(logins.urls[name], "test"))
            clients[name] = connection.client
            for subject in subjects:
                await connection.client.subscribe(subject, cb=hear)
            await connection.client.flush()
        forger = (await stack.enter_async_context(connected(logins.urls[user], "test"))).client
        for subject, payload in REQUESTS[user].items():
            for reply in FOREIGN:
                await forger.publish(subject, payload, reply=reply)
            for reply in STORED:
                await forger.publish(subject, payload, headers={"Nats-Trace-Dest": reply})
        for _ in range(4):  # what was asked before these is answered before them
            for subject, payload in REQUESTS[user].items():
                await ask(forger, subject, payload)
        for client in clients.values():
            await client.flush()
    return [subject for subject in heard if subject in FOREIGN]


@pytest.mark.parametrize("user", REQUESTS)
def test_answers_on_foreign_subjects_are_stored_nowhere_and_reach_nobody(
    logins: Logins, user: str
) -> None:
    before = asyncio.run(states(logins))
    assert asyncio.run(forge(logins, user)) == []
    assert asyncio.run(states(logins)) == before


def test_in_one_account_such_answers_are_stored_and_reach_others(tmp_path: Path) -> None:
    with logins_in(tmp_path, READERS, InOneAccount) as logins:
        asyncio.run(fill(logins))
        before, _ = asyncio.run(states(logins))
        heard = asyncio.run(forge(logins, "ALPHA-BACK"))
        after, _ = asyncio.run(states(logins))
    assert after["VENUE_EVENTS"] > before["VENUE_EVENTS"]
    assert {"venue.events.TradeExecuted.ACME", "drop.BRAVO.ACME", "md.ACME.trade"} <= set(heard)


@pytest.mark.parametrize("user", REQUESTS)
def test_every_request_that_a_reader_may_make_is_answered(logins: Logins, user: str) -> None:
    async def answers() -> list[Msg]:
        async with AsyncExitStack() as stack:
            await answering(stack, logins)
            asker = (await stack.enter_async_context(connected(logins.urls[user], "test"))).client
            return [
                await ask(asker, subject, payload) for subject, payload in REQUESTS[user].items()
            ]

    for answer in asyncio.run(answers()):
        assert "Status" not in (answer.headers or {}), answer
        assert "error" not in json.loads(answer.data), answer


def test_member_takes_his_copies_acknowledges_them_and_hears_new_ones(logins: Logins) -> None:
    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            mine = await stack.enter_async_context(connected(logins.urls["ALPHA-DESK"], "test"))
            venue = await stack.enter_async_context(connected(logins.urls[OPERATOR], "test"))
            news = await mine.client.subscribe("drop.ALPHA.>")
            jetstream = mine.client.jetstream()
            subscription = await jetstream.pull_subscribe_bind("ALPHA-DESK", "DROP_ALPHA")
            numbers: list[int] = []
            while len(numbers) < COPIES:
                for message in await subscription.fetch(25, timeout=5):
                    numbers.append(message.metadata.sequence.stream)
                    await message.ack_sync(timeout=5)
            assert numbers == list(range(1, COPIES + 1))
            info = await jetstream.consumer_info("DROP_ALPHA", "ALPHA-DESK")
            assert (info.num_ack_pending, info.num_pending) == (0, 0)
            assert info.ack_floor is not None and info.ack_floor.stream_seq == COPIES
            waiting = asyncio.create_task(subscription.fetch(1, timeout=20))
            await mine.client.flush()
            await venue.client.publish("drop.ALPHA.ACME", b"new")
            assert (await news.next_msg(timeout=5)).data == b"new"
            (late,) = await waiting
            assert late.data == b"new"
            await late.ack()

    asyncio.run(scenario())


def test_public_reader_has_last_values_many_trades_at_once_and_what_is_said(
    logins: Logins,
) -> None:
    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            mine = await stack.enter_async_context(connected(logins.urls["WALLS"], "test"))
            venue = await stack.enter_async_context(connected(logins.urls[OPERATOR], "test"))
            bucket = await mine.client.jetstream().key_value("md_last")
            assert (await bucket.get("ACME.bbo")).value == b"{}"
            inbox = mine.client.new_inbox()
            answers = await mine.client.subscribe(inbox)
            question = b'{"seq":1,"batch":3,"next_by_subj":"md.ACME.trade"}'
            await mine.client.publish(f"{API}.DIRECT.GET.MD_TRADES", question, reply=inbox)
            found = [await answers.next_msg(timeout=5) for _ in range(4)]
            assert [message.data for message in found] == [b"{}", b"{}", b"{}", b""]
            heard = await mine.client.subscribe("md.>")
            await mine.client.flush()
            await venue.client.publish("md.ACME.bbo", b"said")
            assert (await heard.next_msg(timeout=5)).data == b"said"

    asyncio.run(scenario())


def test_streams_and_places_of_before_there_were_accounts_go_on(tmp_path: Path) -> None:
    async def take(logins: Logins, count: int) -> list[int]:
        async with connected(logins.urls["ALPHA-BACK"], "test") as connection:
            jetstream = connection.client.jetstream()
            subscription = await jetstream.pull_subscribe_bind("ALPHA-BACK", "DROP_ALPHA")
            messages = await subscription.fetch(count, timeout=5)
            for message in messages:
                await message.ack_sync(timeout=5)
            return [message.metadata.sequence.stream for message in messages]

    with logins_in(tmp_path, READERS, InOneAccount) as before:
        asyncio.run(fill(before))
        assert asyncio.run(take(before, 3)) == [1, 2, 3]
        stored, _ = asyncio.run(states(before))
    server = NatsServer(tmp_path, port=before.server.port)
    server.prepare()
    server.launch()
    try:
        server.wait_ready()
        now = Logins(server, before.urls)
        assert asyncio.run(states(now))[0] == stored
        assert asyncio.run(take(now, 2)) == [4, 5]
    finally:
        server.stop()
