"""A forged drop copy just before a window of true ones: the window is not stored behind it."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from venue.bus.acknowledgements import NotStored
from venue.bus.connection import connected
from venue.bus.envelope import copy_headers, event_seq_of, number_in
from venue.bus.subjects import drop_stream
from venue.dropcopy.copies import AnyCopy, subject_of
from venue.dropcopy.drop_streams import DropStreams
from venue.dropcopy.member_halts import MemberHalts

from .busy_day import EVENTS
from .copies import expected, told

STORED = 3
COPIES: list[AnyCopy] = [*expected(EVENTS, "ALPHA")[: STORED + 4]]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_copies_forged_under_the_next_numbers_stop_the_member_and_not_the_others(
    bus: str, tmp_path: Path, count: int
) -> None:
    """As many as `count`, after the stream was asked for its end, and before it is looked at again.

    The true copies behind them name the numbers that the forged ones have.
    """

    async def scenario() -> None:
        stop = asyncio.Event()
        halted: list[tuple[str, str]] = []
        halts = MemberHalts("dropcopy", bus, tmp_path, stop)
        halts.halt = lambda member, why: halted.append((member, why))  # type: ignore[method-assign]
        async with connected(bus, "copier") as connection, connected(bus, "forger") as other:
            streams = DropStreams(connection, "j", lambda: None, halts)
            await streams.listen()
            await streams.store(COPIES[:STORED])
            for copy in COPIES[STORED : STORED + count]:
                forged = msgspec.structs.replace(copy, timestamp_ns=1)
                await other.client.jetstream().publish(
                    subject_of(copy),
                    msgspec.json.encode(forged),
                    headers={"Nats-Msg-Id": str(copy.member_seq)},
                )
            with pytest.raises(NotStored):
                await streams.store(COPIES[STORED:])
            info = await other.client.jetstream().stream_info(drop_stream("ALPHA"))
            assert info.state.messages == STORED + count
        async with connected(bus, "copier") as connection:
            streams = DropStreams(connection, "j", lambda: None, halts)
            await streams.listen()
            await streams.store(COPIES[STORED:])
        ((member, why),) = halted
        assert member == "ALPHA" and "is not of this journal" in why

    asyncio.run(scenario())


def test_window_of_copies_is_stored_once_and_each_has_an_id_of_its_own(
    bus: str, tmp_path: Path
) -> None:
    async def scenario() -> list[str]:
        halts = MemberHalts("dropcopy", bus, tmp_path, asyncio.Event())
        async with connected(bus, "copier") as connection:
            streams = DropStreams(connection, "j", lambda: None, halts)
            await streams.listen()
            for at in (0, 0, STORED):
                await streams.store(COPIES[at:])
            jetstream = connection.client.jetstream()
            ids = []
            for seq in range(1, len(COPIES) + 1):
                message = await jetstream.get_msg(drop_stream("ALPHA"), seq=seq)
                assert event_seq_of(message.headers) == seq
                ids.append((message.headers or {})["Nats-Msg-Id"])
        assert await told(bus, "ALPHA") == COPIES
        return ids

    ids = asyncio.run(scenario())
    assert len({each.partition("-")[2] for each in ids}) == len(COPIES)


def test_number_of_a_copy_is_read_with_its_token_and_without() -> None:
    for headers in (copy_headers(17, "0af3", 16, "99"), "Nats-Msg-Id: 17\r\n"):
        assert number_in(f"NATS/1.0\r\n{headers}\r\n".encode()) == 17
    for text in ("17", "17-0af3"):
        assert event_seq_of({"Nats-Msg-Id": text}) == 17
    assert event_seq_of({"Nats-Msg-Id": "-0af3"}) is None
    assert number_in(b"NATS/1.0\r\nNats-Msg-Id: 17-x y\r\n\r\n") is None
