"""How far the ledger's lines were told outside: a note of each relay, which may go back.

The lines themselves are what is told: there is no second table of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "relays",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        schema=_SCHEMA,
    )


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
