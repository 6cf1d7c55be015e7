"""Migrations of the ledger's schema, run at the worker's start under an advisory lock.

May know alembic and the connection that it is given. A released version is never edited.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from venue.clearing.schema import SCHEMA

VERSION_TABLE = "schema_version"
_LOCK_KEY = 0x76656E7565  # the bytes of "venue": any number that nobody else uses


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version in the connection's transaction; the caller commits.

    Two processes that migrate at once wait for each other. Raises SQLAlchemyError.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
