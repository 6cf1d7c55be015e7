"""What changes positions beside trades, and an index that leads from a symbol to its last trade.

Of what was booked before, deposits and withdrawals are taken from their lines, busts and
corrections from the trades as they stand: of one that was changed twice the first is not known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"

_COLUMNS = {
    "kind": sa.Text, "member": sa.Text, "account": sa.Text, "asset": sa.Text,
    "quantity": sa.Numeric, "symbol": sa.Text, "currency": sa.Text, "amount": sa.Numeric,
    "fee": sa.Numeric, "of_id": sa.Text,
}  # fmt: skip
_FUNDS = """
INSERT INTO clearing.position_changes
SELECT p.event_seq, 0, 'move', a.owner, a.sub_account, a.asset, p.amount, '', '', 0, 0, ''
FROM clearing.entries e
JOIN clearing.postings p USING (event_seq)
JOIN clearing.accounts a USING (account_id)
WHERE e.kind IN ('FundsDeposited', 'FundsWithdrawn') AND a.kind = 'member'
"""

_TAKEN_OVER = """
INSERT INTO clearing.position_changes
SELECT event_seq, -1, 'taken over', '', '', '', 0, '', '', 0, 0, '' FROM clearing.position
WHERE consumer = 'clearing' AND event_seq > 0
"""

_TRADE_CHANGES = """
INSERT INTO clearing.position_changes
SELECT t.changed_seq, s.line, CASE t.status WHEN 'busted' THEN 'bust' ELSE 'correction' END,
  s.member, coalesce(s.account, 'default'), t.asset, s.sign * t.current_quantity, t.symbol,
  t.currency, -s.sign * t.current_amount, s.fee, t.match_id
FROM clearing.trades t
CROSS JOIN LATERAL (VALUES
  (0, 1, t.buyer, t.buyer_account, t.current_buyer_fee),
  (1, -1, t.seller, t.seller_account, t.current_seller_fee)
) AS s (line, sign, member, account, fee)
WHERE t.status <> 'executed'
"""


def upgrade() -> None:
    """Make the table, fill it from what is booked, guard it, and make the indexes."""
    op.create_table(
        "position_changes",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.SmallInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _COLUMNS.items()),
        schema=_SCHEMA,
    )
    op.execute(_FUNDS)
    op.execute(_TRADE_CHANGES)
    op.execute(_TAKEN_OVER)
    op.create_index(
        "position_changes_member", "position_changes", ["member", "event_seq"], schema=_SCHEMA
    )
    op.create_index("trades_symbol", "trades", ["symbol", "event_seq"], schema=_SCHEMA)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {_SCHEMA}.position_changes "
        "FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change()"
    )


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
