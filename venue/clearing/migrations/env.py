"""Entry point for alembic: runs the versions on the connection that `migrate` was given.

May know alembic only.
"""

from alembic import context

from venue.clearing.migrations import VERSION_TABLE
from venue.clearing.schema import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
context.run_migrations()
