"""The position says of which journal it is, and which event stands there.

A ledger of an older version says neither until its next batch is booked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"


def upgrade() -> None:
    """Add the two columns."""
    for name in ("journal", "digest"):
        column = sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))
        op.add_column("position", column, schema=_SCHEMA)


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
