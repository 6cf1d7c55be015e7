"""The streams, above all VENUE_EVENTS: making them, asking where they end, wiping them.

May know JetStream. A stream is transport: it may be lost at any time and is refilled from the
journal, so nothing here is ever the only copy.
"""

from typing import NamedTuple

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError

from venue.dropcopy.connection import connected
from venue.dropcopy.envelope import event_seq_of
from venue.dropcopy.subjects import ALL_EVENTS, STREAM

DUPLICATE_WINDOW_SECONDS = 0.1
"""As short as JetStream allows. Order comes from the expected last sequence; the server's memory of
ids (two minutes of them by default) would only make a purged stream refuse its own refill."""


class ForeignMessage(Exception):
    """The stream ends in a message that no publisher of a venue has written."""


class StreamEnd(NamedTuple):
    """Where a stream is. event_seq 0: it is empty (its sequence need not be 0 then).

    event_seq is the last message's id: on a member's drop stream its member_seq instead.
    """

    first_sequence: int
    last_sequence: int
    event_seq: int
    payload: bytes


async def ensure_stream(
    jetstream: JetStreamContext, stream: str = STREAM, subjects: str = ALL_EVENTS
) -> None:
    """Create a stream unless it is there; limits are the operator's to set on an existing one."""
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
                duplicate_window=DUPLICATE_WINDOW_SECONDS,
            )
        )


async def stream_end(jetstream: JetStreamContext, stream: str = STREAM) -> StreamEnd | None:
    """A stream's real end, asked of the server; None when there is no such stream.

    Raises ForeignMessage when its last message carries no number.
    """
    try:
        info: StreamInfo = await jetstream.stream_info(stream)
        state = info.state
        if state.messages == 0:
            return StreamEnd(state.first_seq, state.last_seq, 0, b"")
        last = await jetstream.get_msg(stream, seq=state.last_seq)
    except NotFoundError:
        return None
    event_seq = event_seq_of(last.headers)
    if event_seq is None:
        raise ForeignMessage(
            f"message {state.last_seq} of stream {stream} ({last.subject}) is not the venue's; "
            "wipe the stream to have it refilled from the journal"
        )
    return StreamEnd(state.first_seq, state.last_seq, event_seq, last.data or b"")


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
    """Delete a stream with all messages; the process that fills it makes it anew and refills it.

    False when there was none. Raises OSError or nats.errors.Error when NATS is not there.
    """
    async with connected(nats_url, "wipe") as connection:
        try:
            return bool(await connection.client.jetstream().delete_stream(stream))
        except NotFoundError:
            return False
