"""Sees whether a restored venue would run on servers that hold the history of its original.

Asks NATS and PostgreSQL where they were given by URL; changes nothing there.
"""

import asyncio

import structlog
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from venue.bus.connection import connected
from venue.bus.stream import owner_of
from venue.clearing.database import ledger_engine
from venue.clearing.statements import booked_position
from venue.journal.origin import Origin
from venue.servers import ServerError
from venue.settings.settings import Settings
from venue.settings.urls import server_urls

_log = structlog.get_logger("supervisor")


def ensure_not_on_original(settings: Settings, origin: Origin) -> None:
    """Raise ServerError if nats_url or database_url has what belongs to an ancestor's journal.

    A server that does not answer is for others to say: the start of the venue asks it next.
    """
    for what, journal in _owners(settings):
        if journal in origin.ancestors:
            raise ServerError(
                f"{what} belongs to journal {journal}, of which this venue is a restored copy: "
                "give it another one"
            )


def _owners(settings: Settings) -> list[tuple[str, str]]:
    """What the servers given by URL hold, and of which journal each is."""
    found: list[tuple[str, str]] = []
    try:
        if settings.nats_url:
            found.append(("the stream at nats_url", asyncio.run(_owner(settings.nats_url))))
        if reader_url := server_urls(settings)["database_reader_url"]:
            engine = ledger_engine(reader_url)
            try:
                found.append(("the ledger at database_url", booked_position(engine).journal))
            finally:
                engine.dispose()
    except (OSError, NatsError, SQLAlchemyError) as error:
        _log.warning("not asked whose history it has", error=str(error).splitlines()[0])
    return found


async def _owner(nats_url: str) -> str:
    async with connected(nats_url, "restored") as connection:
        return await owner_of(connection.client.jetstream()) or ""
