"""How far the ledger's lines were told outside, and what payments are called there.

A relay's row is a note that may go back: the lines themselves are what is told. References of what
was booked before are in the journal only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"


def upgrade() -> None:
    """Make the tables; of payments nothing ever changes."""
    op.create_table(
        "relays",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        schema=_SCHEMA,
    )
    op.create_table(
        "payments",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("reference", sa.Text, nullable=False),
        schema=_SCHEMA,
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clearing.payments "
        "FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change()"
    )


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
