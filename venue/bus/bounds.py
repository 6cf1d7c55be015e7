"""Keeps the streams compressed, replicated, and within [retention]: the journal is the record.

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
from nats.js.errors import APIError, NotFoundError

from venue.bus.connection import Backoff, connected, wait_for_stop
from venue.bus.stream import ALERTS_KEPT_OF_ONE, ensure_alerts
from venue.bus.subjects import (
    ALERTS,
    DROP_STREAMS,
    LAST_VALUES,
    LEDGER,
    PUBLIC_TRADES,
    STREAM,
)

if TYPE_CHECKING:
    from venue.settings.retention import RetentionSettings

LOOK_SECONDS = 30.0
_NAME = "bounds"
_NO_BOUND = -1
_OTHERS = (ALERTS, f"KV_{LAST_VALUES}")
"""Streams of the venue that have bounds of their own."""
_log = structlog.get_logger()


class Bounds(NamedTuple):
    """Age and size (before compression) that a stream may reach; 0: any."""

    days: int
    gib: int


async def keep_bounded(
    nats_url: str, retention: "RetentionSettings", stop: asyncio.Event, replicas: int = 1
) -> None:
    """Look at all streams again and again until `stop` is set, through every failure of NATS.

    replicas: of each of the venue's streams; the stream of alerts is made, for whoever alerts first
    does not know how many.
    """
    backoff = Backoff()
    while not stop.is_set():
        try:
            async with connected(nats_url, _NAME) as connection:
                jetstream = connection.client.jetstream()
                await ensure_alerts(jetstream, replicas=replicas)
                while not stop.is_set():
                    await bound_streams(jetstream, retention, replicas=replicas)
                    backoff.reset()
                    await wait_for_stop(stop, LOOK_SECONDS)
        except (OSError, NatsError) as error:
            _log.warning("streams_not_bounded", error=str(error) or repr(error))
            await backoff.pause(stop)


async def bound_streams(
    jetstream: JetStreamContext,
    retention: "RetentionSettings",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    replicas: int = 1,
) -> None:
    """Set every stream's bounds and replicas, and remove what is older. Raises OSError, NatsError.

    Streams that are not the venue's stay as they are.
    """
    copies = Bounds(retention.drop_stream_days, retention.drop_stream_gib)
    bounds = {
        STREAM: Bounds(retention.stream_days, retention.stream_gib),
        PUBLIC_TRADES: Bounds(retention.trade_stream_days, retention.trade_stream_gib),
        LEDGER: Bounds(retention.ledger_stream_days, retention.ledger_stream_gib),
    }
    seen = 0
    while page := await jetstream.streams_info(offset=seen):
        seen += len(page)
        for info in page:
            name = str(info.config.name)
            is_bounded = name in bounds or name.startswith(DROP_STREAMS)
            if is_bounded or name in _OTHERS:
                await _replicate(jetstream, info, replicas)
            if is_bounded:
                await _bound(jetstream, info, bounds.get(name, copies), now())
            elif name == ALERTS:
                await _bound_alerts(jetstream, info)


async def _replicate(jetstream: JetStreamContext, info: StreamInfo, replicas: int) -> None:
    """Give the stream so many replicas; where the cluster cannot, that is said, and tried again."""
    config = info.config
    before = config.num_replicas or 1
    if before == replicas:
        return
    config.num_replicas = replicas
    try:
        await jetstream.update_stream(config)
    except APIError as error:
        config.num_replicas = before
        _log.error(
            "stream_not_replicated", stream=config.name, replicas=replicas, error=error.description
        )
    else:
        _log.info("stream_replicated", stream=config.name, replicas=replicas, before=before)


async def _bound_alerts(jetstream: JetStreamContext, info: StreamInfo) -> None:
    """Keep apart what there is room for, in a stream that an older version has made."""
    config = info.config
    if config.max_msgs_per_subject != ALERTS_KEPT_OF_ONE:
        config.max_msgs_per_subject = ALERTS_KEPT_OF_ONE
        await jetstream.update_stream(config)


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
