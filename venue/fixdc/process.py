"""The process `fix-dropcopy`: drop copies over FIX at a port of its own, read from the journal.

Wires the edge, the listeners and who reads positions from the ledger; knows the settings. Trading
never waits for it.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from venue.admin.answers import Connection
from venue.bus.connection import stop_on_signals, wait_for_stop
from venue.clearing.portfolio.lots import Method
from venue.data_directory import DataDirectory
from venue.fix.arrivals import bind
from venue.fixdata.edge import DataEdge
from venue.fixdata.serving import serve
from venue.fixdata.shown import DataSession
from venue.fixdata.status import StatusFile
from venue.fixdc.core import DropCopies
from venue.fixdc.held import LedgerPositions
from venue.fixdc.listener import Terms
from venue.fixdc.sources import Sources
from venue.journal.durable import shown_position
from venue.processes import FIX_DROPCOPY
from venue.servers.open_files import allow_most_open_files
from venue.servers.runtime import find_running
from venue.settings.urls import server_urls

if TYPE_CHECKING:
    from venue.settings.settings import Settings

SHORTEST_PAUSE_SECONDS = 0.001
LONGEST_PAUSE_SECONDS = 0.02
SHOWN_SECONDS = 0.1
DRAIN_SECONDS = 1.0
"""How long listeners are still sent what trading has reported last, when the venue stops."""


def terms_of(settings: "Settings") -> dict[str, Terms]:
    """What each enabled drop-copy session is told."""
    found = {}
    for name in settings.enabled_sessions("dropcopy"):
        session = settings.session(name)
        sources = Sources(
            frozenset(session.sources or (session.member,)),
            frozenset(session.accounts),
            session.levels,
        )
        found[name] = Terms(sources, session.dialect == "venue")
    return found


async def run(settings: "Settings") -> None:
    """Serve drop copies until SIGTERM or SIGINT. Raises JournalDamage."""
    stop = stop_on_signals()
    place = DataDirectory(settings.data_dir)
    if not await _is_shown(place.journal, stop):
        return
    allow_most_open_files()
    section = settings.fix_dropcopy
    listener = bind(section.host, section.port, settings.buffer_bytes())
    address = f"{section.host}:{listener.getsockname()[1]}"
    name = FIX_DROPCOPY.name
    edge = DataEdge(settings, "dropcopy", name, listener)
    held = LedgerPositions(
        lambda: _ledger_url(edge.settings), lambda: Method(edge.settings.portfolio.method)
    )
    core = DropCopies(place.listeners, place.journal, edge, section.queue_kib << 10, held)
    core.configure(terms_of(settings))
    edge.serve(core)
    edge.tell_answered_tests(core.tested)
    status = StatusFile(settings.data_dir, name, address, edge, partial(_described, core))
    done = asyncio.Event()
    following = asyncio.create_task(_follow(core, edge, stop, done))
    try:
        await serve(edge, status, done)
    finally:
        stop.set()
        await following
        held.close()
        core.close()


def _ledger_url(settings: "Settings") -> str:
    """The ledger as who only reads it: as told, else of the running venue; empty: there is none.

    Raises ServerError.
    """
    told = server_urls(settings)["database_reader_url"]
    running = None if told else find_running(settings.data_dir)
    return running.database if running else told


async def _is_shown(journal: Path, stop: asyncio.Event) -> bool:
    """Wait until trading shows how far the journal is on disk. False: stopped before."""
    while shown_position(journal) is None:
        if await wait_for_stop(stop, SHOWN_SECONDS):
            return False
    return not stop.is_set()


async def _follow(
    core: DropCopies, edge: DataEdge, stop: asyncio.Event, done: asyncio.Event
) -> None:
    """Send copies until `stop` is set, and what is left then; `done` is set whatever happens."""
    clock = asyncio.get_running_loop().time
    pause, until = SHORTEST_PAUSE_SECONDS, float("inf")
    settings = edge.settings
    try:
        while clock() < until:
            if edge.settings is not settings:  # `venue config apply`
                settings = edge.settings
                core.configure(terms_of(settings))
            if stop.is_set():
                until = min(until, clock() + DRAIN_SECONDS)
            has_more = core.go_on()
            edge.flush()
            if stop.is_set() and not has_more:
                return
            pause = SHORTEST_PAUSE_SECONDS if has_more else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(0 if has_more else pause)
    finally:
        done.set()


def _described(core: DropCopies, session: str, connection: Connection) -> DataSession:
    position, unread = core.position_of(session), core.unread_of(session)
    return DataSession(session=session, connection=connection, position=position, unread=unread)


__all__ = ["run", "terms_of"]
