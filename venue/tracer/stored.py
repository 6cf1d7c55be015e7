"""When events came into the streams of NATS, and what of them stands in the ledger.

Asks, and changes nothing. What does not answer is said to be away.
"""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.connection import connected
from venue.bus.subjects import PUBLIC_TRADES, STREAM, drop_stream
from venue.clearing.database import ledger_engine
from venue.clearing.schema import postings
from venue.domain.events import AnyEvent
from venue.tracer.steps import NOT_KEPT, is_public_trade
from venue.tracing.ids import LEDGER, PUBLISHER

_MICROSECOND_NS = 1_000
_SECOND_NS = 1_000_000_000
Found = dict[tuple[str, int], tuple[int, str]]


class _Numbered(msgspec.Struct):
    """The field of a message that is looked at."""

    event_seq: int


class Wanted(NamedTuple):
    """An event that a step has put into a stream. is_certain: each event of the order is there."""

    step: str
    stream: str
    event_seq: int
    is_certain: bool


def wanted_of(events: Iterable[AnyEvent], member: str) -> list[Wanted]:
    """Where events of a member's order are found again."""
    wanted = []
    for event in events:
        seq = event.event_seq
        wanted.append(Wanted(PUBLISHER, STREAM, seq, True))
        wanted.append(Wanted("dropcopy", drop_stream(member), seq, False))
        if is_public_trade(event):
            wanted.append(Wanted("marketdata", PUBLIC_TRADES, seq, True))
    return wanted


def stream_times(nats_url: str, wanted: Iterable[Wanted]) -> Found:
    """When each came into its stream, by the stream's own clock."""
    wanted = list(wanted)
    if not nats_url:
        return _none_of(wanted, f"{NOT_KEPT}: no venue runs, so NATS cannot be asked")
    try:
        return asyncio.run(_stream_times(nats_url, wanted))
    except (OSError, NatsError) as error:
        return _none_of(wanted, f"{NOT_KEPT}: NATS is away: {str(error) or repr(error)}")


def _none_of(wanted: Iterable[Wanted], why: str) -> Found:
    return {(each.step, each.event_seq): (0, why) for each in wanted if each.is_certain}


async def _stream_times(nats_url: str, wanted: list[Wanted]) -> Found:
    found: Found = {}
    async with connected(nats_url, "explain") as connection:
        jetstream = connection.client.jetstream()
        for each in wanted:
            at_ns = await _stored_at(jetstream, each.stream, each.event_seq)
            if at_ns:
                found[each.step, each.event_seq] = (at_ns, f"stream {each.stream}")
            elif each.is_certain:
                why = f"{NOT_KEPT}: stream {each.stream} does not have it, or not any more"
                found[each.step, each.event_seq] = (0, why)
    return found


async def _stored_at(jetstream: JetStreamContext, stream: str, event_seq: int) -> int:
    """When the first message of an event was stored (UTC nanoseconds); 0: it is not there.

    Messages stand in the order of their events: it is searched by halves.
    """
    try:
        state = (await jetstream.stream_info(stream)).state
    except NotFoundError:
        return 0
    first, behind, at_ns = state.first_seq, state.last_seq + 1, 0
    while first < behind:
        middle = (first + behind) // 2
        message = await jetstream.get_msg(stream, middle, subject=">", next=True)
        found = msgspec.json.decode(message.data or b"", type=_Numbered).event_seq
        if found == event_seq and message.time is not None:
            moment = message.time
            at_ns = int(moment.replace(microsecond=0).timestamp()) * _SECOND_NS
            at_ns += moment.microsecond * _MICROSECOND_NS
        if found >= event_seq:
            behind = middle
        else:
            first = (message.seq or middle) + 1
    return at_ns


def ledger_lines(database_url: str, event_seqs: Iterable[int]) -> Found:
    """How many lines of the ledger each event has. When they were booked nobody keeps."""
    wanted = list(event_seqs)
    if not database_url:
        return _all_of(wanted, f"{NOT_KEPT}: no venue runs, so the ledger cannot be asked")
    engine = ledger_engine(database_url)
    try:
        with engine.connect() as connection:
            asked = (
                select(postings.c.event_seq, func.count())
                .where(postings.c.event_seq.in_(wanted))
                .group_by(postings.c.event_seq)
            )
            lines = {row[0]: row[1] for row in connection.execute(asked)}
    except SQLAlchemyError as error:
        why = str(error).strip().partition("\n")[0]
        return _all_of(wanted, f"{NOT_KEPT}: the ledger does not answer: {why}")
    finally:
        engine.dispose()
    return {
        (LEDGER, seq): (0, f"{lines[seq]} lines; when they were booked is {NOT_KEPT}")
        if seq in lines
        else (0, "no lines")
        for seq in wanted
    }


def _all_of(event_seqs: Iterable[int], why: str) -> Found:
    return {(LEDGER, seq): (0, why) for seq in event_seqs}
