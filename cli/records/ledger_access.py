"""The ledger of a venue for commands that read it: its engine, and errors as one line.

Of the running venue, else of the configuration; as who only reads it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.errors import UndefinedTable
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from venue.clearing.database import ledger_engine
from venue.cli.options import refuse, wrong_use
from venue.servers import ServerError
from venue.servers.runtime import find_running
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings, load_settings
from venue.settings.urls import server_urls

NO_LEDGER = "there is no ledger in this database yet: clearing has not started"


@contextmanager
def ledger_of(data_dir: Path) -> Iterator[Engine]:
    """Engine on the venue's ledger; ends the program where there is none."""
    engine = ledger_engine(_database_url(data_dir))
    try:
        yield engine
    except SQLAlchemyError as error:
        if isinstance(error, ProgrammingError) and isinstance(error.orig, UndefinedTable):
            refuse(NO_LEDGER)
        refuse(f"the ledger cannot be read: {str(error).strip().splitlines()[0]}")
    finally:
        engine.dispose()


def _database_url(data_dir: Path) -> str:
    try:
        running = find_running(data_dir)
        url = running.database if running else _reader_url(load_settings(data_dir=data_dir))
    except ServerError as error:
        refuse(str(error))
    except ConfigurationError as error:
        wrong_use(str(error))
    return url or refuse(f"no venue is running in {data_dir}")


def _reader_url(settings: Settings) -> str:
    return server_urls(settings)["database_reader_url"]
