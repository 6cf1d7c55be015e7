"""The streams, above all VENUE_EVENTS: makes them, finds where they end, wipes them.

May know JetStream. A stream is transport. It may be lost at any time and is then filled from the
journal, so it never has the only copy of an event.
"""

from typing import NamedTuple

from nats.js import JetStreamContext
from nats.js.api import (
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StoreCompression,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import NotFoundError

from venue.bus.connection import connected
from venue.bus.envelope import event_seq_of
from venue.bus.subjects import ALERTS, ALL_ALERTS, ALL_EVENTS, STREAM

DUPLICATE_WINDOW_SECONDS = 0.1
"""As short as JetStream allows. The expected last sequence keeps the order. The server's memory of
ids (two minutes of them by default) would only make a purged stream refuse its own refill."""

ALERTS_KEPT_SECONDS = 30 * 24 * 3600.0
ALERTS_KEPT_BYTES = 64 * 1024 * 1024
ALERTS_KEPT_OF_ONE = 10_000
"""Alerts of one member, or of the operator: no member's drive out those of another."""

_OWNER = "journal"
"""Key in a stream's metadata with the identity of its journal."""


class Disagreement(Exception):
    """Two stores do not have the same history. Whoever finds it halts until that is mended.

    ahead: event_seq of an event of this very journal that it does not have (any more): the journal
    is older than what was given away. 0: nothing says so.
    """

    def __init__(self, text: str, *, ahead: int = 0) -> None:
        super().__init__(text)
        self.ahead = ahead


class ForeignMessage(Disagreement):
    """The stream ends in a message that no publisher of a venue has written."""


class StreamEnd(NamedTuple):
    """Where a stream is. event_seq 0: it is empty (its sequence need not be 0 then).

    event_seq is the last message's id: on a member's drop stream its member_seq instead.
    owner: identity of the journal that the stream was made for; empty where it does not say.
    """

    first_sequence: int
    last_sequence: int
    event_seq: int
    payload: bytes
    owner: str = ""


async def ensure_stream(
    jetstream: JetStreamContext,
    stream: str = STREAM,
    subjects: str = ALL_EVENTS,
    *,
    owner: str = "",
    direct: bool = False,
    repeats_seconds: float = DUPLICATE_WINDOW_SECONDS,
    replicas: int = 1,
) -> None:
    """Create a stream for journal `owner`, unless there is one, of whichever owner.

    direct: its messages can be asked for by who may make no consumer. repeats_seconds: so long the
    server knows the ids of messages again. venue.bus.bounds sets its bounds, and the replicas of
    one that is there.
    """
    try:
        await jetstream.stream_info(stream)
    except NotFoundError:
        await jetstream.add_stream(
            StreamConfig(
                name=stream,
                subjects=[subjects],
                storage=StorageType.FILE,
                retention=RetentionPolicy.LIMITS,
                discard=DiscardPolicy.OLD,
                duplicate_window=repeats_seconds,
                compression=StoreCompression.S2,
                allow_direct=direct or None,
                num_replicas=replicas,
                metadata={_OWNER: owner} if owner else None,
            )
        )


async def ensure_alerts(jetstream: JetStreamContext, *, replicas: int = 1) -> None:
    """Create the stream of alerts, unless there is one."""
    try:
        await jetstream.stream_info(ALERTS)
    except NotFoundError:
        await jetstream.add_stream(
            StreamConfig(
                name=ALERTS,
                subjects=[ALL_ALERTS],
                storage=StorageType.FILE,
                discard=DiscardPolicy.OLD,
                max_age=ALERTS_KEPT_SECONDS,
                max_bytes=ALERTS_KEPT_BYTES,
                max_msgs_per_subject=ALERTS_KEPT_OF_ONE,
                num_replicas=replicas,
            )
        )


async def claim_stream(jetstream: JetStreamContext, owner: str, stream: str = STREAM) -> None:
    """Write the owner into a stream of an older version. Only its owner may call this."""
    config = (await jetstream.stream_info(stream)).config
    config.metadata = {**(config.metadata or {}), _OWNER: owner}
    await jetstream.update_stream(config)


async def owner_of(jetstream: JetStreamContext, stream: str = STREAM) -> str | None:
    """Identity of the journal that a stream was made for; empty where it does not say. None: there
    is no such stream."""
    try:
        return owner_in(await jetstream.stream_info(stream))
    except NotFoundError:
        return None


async def stream_end(jetstream: JetStreamContext, stream: str = STREAM) -> StreamEnd | None:
    """A stream's real end, asked of the server; None when there is no such stream.

    Raises ForeignMessage when its last message carries no number.
    """
    try:
        info = await jetstream.stream_info(stream)
        state, owner = info.state, owner_in(info)
        if state.messages == 0:
            return StreamEnd(state.first_seq, state.last_seq, 0, b"", owner)
        last = await jetstream.get_msg(stream, seq=state.last_seq)
    except NotFoundError:
        return None
    event_seq = event_seq_of(last.headers)
    if event_seq is None:
        raise ForeignMessage(
            f"message {state.last_seq} of stream {stream} ({last.subject}) is not the venue's; "
            "venue dropcopy refill wipes the stream and fills it again from the journal"
        )
    return StreamEnd(state.first_seq, state.last_seq, event_seq, last.data or b"", owner)


async def payload_at(jetstream: JetStreamContext, sequence: int, event_seq: int) -> bytes | None:
    """An event's bytes at its place in the stream of all events; None: it is not there."""
    try:
        message = await jetstream.get_msg(STREAM, seq=sequence)
    except NotFoundError:
        return None
    return message.data or b"" if event_seq_of(message.headers) == event_seq else None


async def first_event_seq(jetstream: JetStreamContext) -> int | None:
    """First event in the stream of all events; None when it holds none."""
    try:
        state = (await jetstream.stream_info(STREAM)).state
        if state.messages == 0:
            return None
        return event_seq_of((await jetstream.get_msg(STREAM, seq=state.first_seq)).headers)
    except NotFoundError:
        return None


async def wipe_stream(nats_url: str, stream: str = STREAM) -> bool:
    """Delete a stream with all its messages. The process that fills it makes it again.

    False when there was none. Raises OSError or nats.errors.Error when NATS is not there.
    """
    async with connected(nats_url, "wipe") as connection:
        try:
            return bool(await connection.client.jetstream().delete_stream(stream))
        except NotFoundError:
            return False


def owner_in(info: StreamInfo) -> str:
    """Identity of the journal that a stream was made for; empty where it does not say."""
    return (info.config.metadata or {}).get(_OWNER, "")
