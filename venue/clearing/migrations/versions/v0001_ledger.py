"""The ledger: entries, postings, accounts, balances, trades and the consumer's position.

Two guards stand in the database itself: entries sum to zero, and nothing booked is ever changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMA = "clearing"

# Per statement, not per row: all postings of an entry come in the same COPY or INSERT, and one
# grouped sum over the new rows costs next to nothing.
_BALANCED = """
CREATE FUNCTION clearing.refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken record;
BEGIN
  SELECT p.event_seq, a.asset, sum(p.amount) AS total INTO broken
  FROM new_postings p LEFT JOIN clearing.accounts a USING (account_id)
  GROUP BY p.event_seq, a.asset
  HAVING sum(p.amount) <> 0 OR a.asset IS NULL
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry of event % does not balance: % %', broken.event_seq,
      broken.total, coalesce(broken.asset, '(unknown account)') USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON clearing.postings
  REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_unbalanced();
"""

_APPEND_ONLY = """
CREATE FUNCTION clearing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

_GUARDED = ("entries", "postings", "trades")


def upgrade() -> None:
    """Make all tables, then the guards."""
    op.create_table(
        "entries",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("timestamp_ns", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        schema=_SCHEMA,
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("sub_account", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "owner", "sub_account", "asset", name="accounts_unique"),
        schema=_SCHEMA,
    )
    op.create_table(
        "postings",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        schema=_SCHEMA,
    )
    op.create_table(
        "balances",
        sa.Column(
            "account_id",
            sa.Integer,
            sa.ForeignKey("clearing.accounts.account_id"),
            primary_key=True,
        ),
        sa.Column("balance", sa.Numeric, nullable=False),
        schema=_SCHEMA,
    )
    op.create_table(
        "trades",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("match_id", sa.Text, nullable=False),
        sa.Column("timestamp_ns", sa.BigInteger, nullable=False),
        sa.Column("trading_day", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("price", sa.Numeric, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("buyer", sa.Text, nullable=False),
        sa.Column("buyer_account", sa.Text),
        sa.Column("buyer_order_id", sa.Text, nullable=False),
        sa.Column("buyer_fee", sa.Numeric, nullable=False),
        sa.Column("seller", sa.Text, nullable=False),
        sa.Column("seller_account", sa.Text),
        sa.Column("seller_order_id", sa.Text, nullable=False),
        sa.Column("seller_fee", sa.Numeric, nullable=False),
        schema=_SCHEMA,
    )
    op.create_index("trades_match_id", "trades", ["match_id"], unique=True, schema=_SCHEMA)
    op.create_table(
        "position",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        schema=_SCHEMA,
    )
    _guard()


def _guard() -> None:
    op.execute(_BALANCED)
    op.execute(_APPEND_ONLY)
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {_SCHEMA}.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change()"
        )


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
