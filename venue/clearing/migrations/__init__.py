"""Migrations of the ledger's schema, run at the worker's start under an advisory lock.

May know alembic and the connection that it is given. A released version is never edited.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError

from venue.clearing.schema import CONSUMER, SCHEMA, position
from venue.ledger_roles import GRANTS, MIGRATION_LOCK, OWNER

VERSION_TABLE = "schema_version"


class NotMigrated(Exception):
    """The ledger's schema is not this version's and is not brought to it; text says why."""


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version in the connection's transaction; the caller commits.

    Nothing is done, and no right to change anything is needed, where it is. As the ledger's owner
    it gives writer and reader what they may. Two processes that migrate at once wait for each
    other. Raises SQLAlchemyError, and NotMigrated for a schema that a later version of the venue
    has made, or that this login may not migrate.
    """
    config = _config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head()
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    found = _version(connection)
    if found == newest:
        return
    try:
        _upgrade(connection, config)
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise NotMigrated(
            f"the ledger has schema version {found or 'none'}, this venue needs {newest}, and "
            f"{connection.engine.url.username} may not migrate it: set database_owner_url"
        ) from error


def schema_versions(connection: Connection) -> tuple[str | None, list[str]]:
    """The schema's version, None where there is none yet, and those that this venue knows, the
    oldest first. Changes nothing. Raises SQLAlchemyError."""
    found = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "version_table_schema": SCHEMA}
    ).get_current_revision()
    scripts = ScriptDirectory.from_config(_config(connection)).walk_revisions()
    return found, [script.revision for script in scripts][::-1]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _version(connection: Connection) -> str | None:
    """The schema's version; None where there is none yet. Raises NotMigrated for a later one."""
    found, known = schema_versions(connection)
    if found is not None and found not in known:
        raise NotMigrated(
            f"the ledger has schema version {found}, this venue knows up to {max(known)}: "
            "start the version that made it, or give another database"
        )
    return found


def _upgrade(connection: Connection, config: Config) -> None:
    """Make or migrate the schema, with the position of nothing booked, and what roles may in it."""
    is_there = text("SELECT to_regnamespace(:schema) IS NOT NULL")
    if not connection.execute(is_there, {"schema": SCHEMA}).scalar_one():
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    command.upgrade(config, "head")
    start = insert(position).values(consumer=CONSUMER, event_seq=0)
    connection.execute(start.on_conflict_do_nothing())
    if connection.execute(text("SELECT current_user")).scalar_one() == OWNER:
        connection.execute(text(GRANTS))
