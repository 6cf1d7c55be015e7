"""Trades that are busted or corrected: what a trade is now, beside what it was when executed.

The guard of `trades` gives way for that alone: what was executed still never changes, no row is
ever deleted, and a busted trade stays as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"

_CURRENT = ("quantity", "price", "amount", "buyer_fee", "seller_fee")

_AS_EXECUTED = "UPDATE clearing.trades SET " + ", ".join(
    f"current_{name} = {name}" for name in _CURRENT
)

_GUARD = """
CREATE FUNCTION clearing.refuse_trade_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may_change CONSTANT text[] := ARRAY['status', 'changed_seq', 'current_quantity', 'current_price',
    'current_amount', 'current_buyer_fee', 'current_seller_fee'];
BEGIN
  IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
    RAISE EXCEPTION 'trades is append-only but for busts and corrections'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.status = 'busted' OR NEW.status = 'executed' OR NEW.changed_seq IS NULL
    OR NEW.changed_seq <= coalesce(OLD.changed_seq, OLD.event_seq) THEN
    RAISE EXCEPTION 'trade % is %: it cannot become % by event %', OLD.match_id, OLD.status,
      NEW.status, NEW.changed_seq USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON clearing.trades
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
CREATE TRIGGER bust_or_correct_only BEFORE UPDATE ON clearing.trades
  FOR EACH ROW EXECUTE FUNCTION clearing.refuse_trade_change();
"""


def upgrade() -> None:
    """Add the columns, have the trades of before stand as they were executed, guard anew."""
    status = sa.Column("status", sa.Text, nullable=False, server_default=sa.text("'executed'"))
    op.add_column("trades", status, schema=_SCHEMA)
    op.create_check_constraint(
        "trades_status",
        "trades",
        "status IN ('executed', 'corrected', 'busted')",
        schema=_SCHEMA,
    )
    op.add_column("trades", sa.Column("changed_seq", sa.BigInteger), schema=_SCHEMA)
    for name in _CURRENT:
        op.add_column("trades", sa.Column(f"current_{name}", sa.Numeric), schema=_SCHEMA)
    op.execute("DROP TRIGGER append_only ON clearing.trades")
    op.execute(_AS_EXECUTED)
    for name in _CURRENT:
        op.alter_column("trades", f"current_{name}", nullable=False, schema=_SCHEMA)
    op.execute(_GUARD)


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
