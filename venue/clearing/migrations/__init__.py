"""Migrations of the ledger's schema, run at the worker's start under an advisory lock.

May know alembic and the connection that it is given. A released version is never edited.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from venue.clearing.schema import SCHEMA

VERSION_TABLE = "schema_version"
_LOCK_KEY = 0x76656E7565  # the bytes of "venue": any number that nobody else uses


class LedgerNewer(Exception):
    """A later version of the venue has made the ledger's schema."""


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version in the connection's transaction; the caller commits.

    Two processes that migrate at once wait for each other. Raises SQLAlchemyError, and LedgerNewer
    for a schema that a later version of the venue has made.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    versions = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "version_table_schema": SCHEMA}
    ).get_current_heads()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for version in versions:
        if version not in known:
            raise LedgerNewer(
                f"the ledger has schema version {version}, this venue knows up to {max(known)}: "
                "start the version that made it, or give another database"
            )
    command.upgrade(config, "head")
