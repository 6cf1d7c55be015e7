"""Witnesses that servers keep: streams and ledger. A start asks them before it cuts a torn tail.

Only where the machine was started anew: until then the position file says exactly what was given
away. Must never change anything there, nor take silence for "nobody has it".
"""

import asyncio
import time
from pathlib import Path

import msgspec
import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StreamInfo
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.connection import connected
from venue.bus.stream import Disagreement, owner_in, stream_end
from venue.bus.subjects import DROP_STREAMS, STREAM
from venue.clearing.database import ledger_engine
from venue.clearing.statements import booked_position
from venue.data_directory import DataDirectory
from venue.journal.identity import journal_identity
from venue.settings.settings import Settings
from venue.settings.urls import server_urls
from venue.witnesses import WitnessRefuses

PATIENCE_SECONDS = 60.0
"""How long to wait for servers: with the machine just started they are starting, too."""
_PAUSE_SECONDS = 0.2
_log = structlog.get_logger("trading")


class _Copy(msgspec.Struct):
    event_seq: int


def last_stored(settings: Settings) -> int:
    """Last event_seq of this journal that streams and ledger have; 0 where there are none.

    Raises WitnessRefuses when one that is there cannot be asked.
    """
    place = DataDirectory(settings.data_dir)
    journal = journal_identity(place.journal)
    _log.warning("before a torn tail is cut, streams and ledger are asked for what they have")
    found = [0]
    urls = server_urls(settings)
    for what, url, key, kept in (
        ("the streams", urls["nats_url"], "nats_url", place.server("nats")),
        ("the ledger", urls["database_reader_url"], "database_url", place.server("postgres")),
    ):
        if url:
            found.append(_asked(what, url, key, journal))
        elif kept.exists():
            raise WitnessRefuses(_silent(what, kept, f"{key} is not known; `venue run` starts it"))
    return max(found)


def _asked(what: str, url: str, key: str, journal: str) -> int:
    """What one server says, as soon as it answers. Raises WitnessRefuses."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if key == "nats_url":
                return asyncio.run(_last_in_streams(url, journal))
            return _last_in_ledger(url, journal)
        except (OSError, NatsError, SQLAlchemyError) as error:
            if time.monotonic() >= deadline:
                why = (str(error).strip().splitlines() or [repr(error)])[0]
                raise WitnessRefuses(_silent(what, key, why)) from error
        time.sleep(_PAUSE_SECONDS)


def _silent(what: str, where: Path | str, why: str) -> str:
    return (
        f"the journal ends with a torn frame, and {what} ({where}) cannot be asked whether anybody "
        f"has it: {why}. If what they hold is lost, start once without: move the directory away, "
        "or set the URL to nothing"
    )


async def _last_in_streams(url: str, journal: str) -> int:
    """Last event in the stream of events, and in the members' streams of drop copies."""
    async with connected(url, "witness") as connection:
        jetstream = connection.client.jetstream()
        last = [0]
        for info in await _streams(jetstream):
            name = info.config.name or ""
            if owner_in(info) not in ("", journal):
                continue  # another venue's: it says nothing of this journal
            if name == STREAM or name.startswith(DROP_STREAMS):
                last.append(await _last_in(jetstream, name))
        return max(last)


async def _streams(jetstream: JetStreamContext) -> list[StreamInfo]:
    found: list[StreamInfo] = []
    while page := await jetstream.streams_info(offset=len(found)):
        found += page
    return found


async def _last_in(jetstream: JetStreamContext, name: str) -> int:
    try:
        end = await stream_end(jetstream, name)
        if end is None or not end.payload:
            return 0
        return msgspec.json.decode(end.payload, type=_Copy).event_seq
    except (Disagreement, msgspec.MsgspecError) as error:
        raise WitnessRefuses(f"the end of stream {name} cannot be read: {error}") from error


def _last_in_ledger(url: str, journal: str) -> int:
    engine = ledger_engine(url)
    try:
        booked = booked_position(engine)
    finally:
        engine.dispose()
    return booked.event_seq if booked.journal in ("", journal) else 0
