"""What NATS and PostgreSQL hold: the servers' own data, the stream of events, the ledger's schema.

Asks servers that run, and starts none: what an embedded one holds is known beside a running venue.
"""

import asyncio
from collections.abc import Iterator

import msgspec
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.connection import connected
from venue.bus.stream import Disagreement, stream_end
from venue.bus.subjects import STREAM
from venue.clearing.database import ledger_engine
from venue.clearing.migrations import schema_versions
from venue.data_directory import DataDirectory
from venue.doctor.finding import error, warning
from venue.doctor.start import EMBEDDED, other_version
from venue.domain.event import EVENT_VERSION
from venue.processes import RECONCILER
from venue.servers import ServerError
from venue.servers.needs import needs_of
from venue.settings.settings import Settings
from venue.upgrade.format import Format, NextStart

_ASK = "run this beside the venue, while the version before still runs"


class _Event(msgspec.Struct):
    v: int = 0


def formats(settings: Settings) -> Iterator[Format]:
    """Judge them."""
    place = DataDirectory(settings.data_dir)
    for server in EMBEDDED:
        if getattr(settings, server.setting) or not server.version_file(place).exists():
            continue
        found = other_version(server, place)
        on_disk = server.version_file(place).read_text().strip()
        reads = on_disk if found is None else server.installed()
        next_start = NextStart.WORKS if found is None else NextStart.REFUSES
        told = [] if found is None else [found]
        yield Format(f"data of {server.title}", [on_disk], [reads], reads, next_start, told)
    if not place.path.exists():
        return
    try:
        nats_url, ledger_url = needs_of(RECONCILER, settings)
    except ServerError:
        if any(server.version_file(place).exists() for server in EMBEDDED):
            yield _not_asked("stream", "no venue runs here")
            yield _not_asked("ledger schema", "no venue runs here")
        return
    yield _stream(nats_url)
    yield _ledger(ledger_url)


def _not_asked(store: str, why: str) -> Format:
    told = warning("SERVER_NOT_ASKED", f"what version the {store} has is not known: {why}", _ASK)
    return Format(store, [], [], "", NextStart.UNKNOWN, [told])


def _stream(url: str) -> Format:
    try:
        found = asyncio.run(_last_event_version(url))
    except (OSError, NatsError, Disagreement, msgspec.MsgspecError) as away:
        return _not_asked("stream", _line(away))
    known = str(EVENT_VERSION)
    if found is None:
        return Format("stream", [], [known], known, NextStart.BEGINS)
    if found <= EVENT_VERSION:
        return Format("stream", [str(found)], [known], known, NextStart.WORKS)
    later = error(
        "STREAM_OF_LATER_VERSION",
        f"stream {STREAM} ends with an event of version {found}; this program knows {known}",
        "install the later version again: consumers halt in front of what they do not know",
    )
    return Format("stream", [str(found)], [known], known, NextStart.REFUSES, [later])


async def _last_event_version(url: str) -> int | None:
    """Version of the stream's last event; None: there is none."""
    async with connected(url, "upgrade") as connection:
        end = await stream_end(connection.client.jetstream())
    if end is None or not end.payload:
        return None
    return msgspec.json.decode(end.payload, type=_Event).v


def _ledger(url: str) -> Format:
    engine = ledger_engine(url)
    try:
        with engine.connect() as connection:
            found, known = schema_versions(connection)
    except SQLAlchemyError as away:
        return _not_asked("ledger schema", _line(away))
    finally:
        engine.dispose()
    on_disk, newest = [] if found is None else [found], known[-1]
    if found is None or found == newest:
        next_start = NextStart.BEGINS if found is None else NextStart.WORKS
        return Format("ledger schema", on_disk, known, newest, next_start)
    if found in known:
        migrates = warning(
            "LEDGER_MIGRATES",
            f"the ledger has schema {found}, and clearing brings it to {newest} at its start",
            "venue backup first: there is no way back but a backup; it reads every line once",
        )
        return Format("ledger schema", on_disk, known, newest, NextStart.MIGRATES, [migrates])
    later = error(
        "LEDGER_OF_LATER_VERSION",
        f"the ledger has schema {found}, this program knows up to {newest}",
        "install the version that made it, or give another database",
    )
    return Format("ledger schema", on_disk, known, newest, NextStart.REFUSES, [later])


def _line(why: Exception) -> str:
    return (str(why).strip().splitlines() or [repr(why)])[0]
