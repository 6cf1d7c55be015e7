"""Keeps the streams compressed and within [retention]: the journal is the record, they are not.

May know JetStream. The last message of a stream always stays, for it says how far the stream is; so
age is not left to JetStream, which would empty a stream in which nothing happens.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StoreCompression, StreamInfo
from nats.js.errors import NotFoundError

from venue.bus.connection import Backoff, connected, wait_for_stop
from venue.bus.subjects import DROP_STREAMS, PUBLIC_TRADES, STREAM

if TYPE_CHECKING:
    from venue.settings.retention import RetentionSettings

LOOK_SECONDS = 30.0
_NAME = "bounds"
_NO_BOUND = -1
_log = structlog.get_logger()


class Bounds(NamedTuple):
    """Age and size (before compression) that a stream may reach; 0: any."""

    days: int
    gib: int


async def keep_bounded(nats_url: str, retention: "RetentionSettings", stop: asyncio.Event) -> None:
    """Look at all streams again and again until `stop` is set, through every failure of NATS."""
    backoff = Backoff()
    while not stop.is_set():
        try:
            async with connected(nats_url, _NAME) as connection:
                while not stop.is_set():
                    await bound_streams(connection.client.jetstream(), retention)
                    backoff.reset()
                    await wait_for_stop(stop, LOOK_SECONDS)
        except (OSError, NatsError) as error:
            _log.warning("streams_not_bounded", error=str(error) or repr(error))
            await backoff.pause(stop)


async def bound_streams(
    jetstream: JetStreamContext,
    retention: "RetentionSettings",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Set every stream's bounds, and remove what is older. Raises OSError and NatsError."""
    copies = Bounds(retention.drop_stream_days, retention.drop_stream_gib)
    bounds = {
        STREAM: Bounds(retention.stream_days, retention.stream_gib),
        PUBLIC_TRADES: Bounds(retention.trade_stream_days, retention.trade_stream_gib),
    }
    seen = 0
    while page := await jetstream.streams_info(offset=seen):
        seen += len(page)
        for info in page:
            name = str(info.config.name)
            if name in bounds or name.startswith(DROP_STREAMS):
                await _bound(jetstream, info, bounds.get(name, copies), now())


async def _bound(
    jetstream: JetStreamContext, info: StreamInfo, bounds: Bounds, now: datetime
) -> None:
    config = info.config
    wanted = (StoreCompression.S2, bounds.gib << 30 or _NO_BOUND, 0)
    if (config.compression, config.max_bytes or _NO_BOUND, config.max_age or 0) != wanted:
        config.compression, config.max_bytes, config.max_age = wanted
        await jetstream.update_stream(config)
        _log.info("stream_bounded", stream=config.name, gib=bounds.gib, days=bounds.days)
    if bounds.days:
        await _remove_before(jetstream, info, now - timedelta(days=bounds.days))


async def _remove_before(jetstream: JetStreamContext, info: StreamInfo, before: datetime) -> None:
    """Remove what was stored before that time, but never the last message."""
    name, first, last = str(info.config.name), info.state.first_seq, info.state.last_seq
    if info.state.messages < 2 or not await _is_before(jetstream, name, first, before):
        return
    low, high = first + 1, last
    while low < high:
        middle = (low + high) // 2
        if await _is_before(jetstream, name, middle, before):
            low = middle + 1
        else:
            high = middle
    await jetstream.purge_stream(name, seq=low)
    _log.info("old_messages_removed", stream=name, before_sequence=low, messages=low - first)


async def _is_before(
    jetstream: JetStreamContext, stream: str, sequence: int, moment: datetime
) -> bool:
    try:
        stored_at = (await jetstream.get_msg(stream, seq=sequence)).time
    except NotFoundError:  # by the bound of size it has gone meanwhile
        return True
    return stored_at is not None and stored_at < moment
