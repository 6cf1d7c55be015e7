"""What is owed, the cycles that settle it, and what failed; and what a member may see of his own.

Obligations change with each event that names them, and only onwards. A cycle is begun and ended
once. A fail never changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"
_SCALE = "coalesce(scale(trim_scale({0})) <= 8, false)"

_GUARDS = """
CREATE FUNCTION clearing.refuse_obligation_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.member, NEW.account, NEW.symbol, NEW.due, NEW.asset, NEW.currency)
      IS DISTINCT FROM (OLD.member, OLD.account, OLD.symbol, OLD.due, OLD.asset, OLD.currency)
    OR NEW.changed_seq <= OLD.changed_seq THEN
    RAISE EXCEPTION 'obligation of % % % due % as of event % cannot become that of event %',
      OLD.member, OLD.account, OLD.symbol, OLD.due, OLD.changed_seq, NEW.changed_seq
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON clearing.obligations
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
CREATE TRIGGER onwards_only BEFORE UPDATE ON clearing.obligations
  FOR EACH ROW EXECUTE FUNCTION clearing.refuse_obligation_change();
CREATE FUNCTION clearing.refuse_cycle_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_ns IS NOT NULL OR NEW.ended_ns IS NULL
    OR (NEW.cycle, NEW.event_seq, NEW.settlement_date, NEW.obligations, NEW.begun_ns) IS DISTINCT
      FROM (OLD.cycle, OLD.event_seq, OLD.settlement_date, OLD.obligations, OLD.begun_ns)
  THEN
    RAISE EXCEPTION 'cycle % is begun and ended once', OLD.cycle
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON clearing.cycles
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
CREATE TRIGGER ended_once BEFORE UPDATE ON clearing.cycles
  FOR EACH ROW EXECUTE FUNCTION clearing.refuse_cycle_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clearing.fails
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
"""

# A member's login is called venue_member_<member>. Of a trade it sees its own side only; a barrier
# keeps functions of its own from seeing other rows before the view has left them out. A view that
# is a UNION ALL itself is no barrier: PostgreSQL takes it apart. So it stands inside another query.
_OWN = "substring(current_user::text FROM '^venue_member_(.+)$')"
_SIDE = """
SELECT event_seq, match_id, timestamp_ns, trading_day, symbol, '{side}' AS side,
  {party}_account AS account, {party}_order_id AS order_id, status, changed_seq,
  current_quantity AS quantity, current_price AS price, asset, current_amount AS amount, currency,
  current_{party}_fee AS fee, settlement_date
FROM clearing.trades WHERE {party} = {own}
"""
_OWN_ACCOUNTS = f"""
SELECT account_id, kind, sub_account, asset FROM clearing.accounts
WHERE kind IN ('member', 'unsettled') AND owner = {_OWN}
"""
_VIEWS = {
    "own_accounts": _OWN_ACCOUNTS,
    "own_balances": f"""
SELECT a.kind, a.sub_account, a.asset, b.balance, b.version, b.event_seq
FROM ({_OWN_ACCOUNTS}) a JOIN clearing.balances b USING (account_id)
""",
    "own_postings": f"""
SELECT p.wallet_number, p.event_seq, p.line, a.kind, a.sub_account, a.asset, p.amount,
  p.balance_before, p.balance_after, p.version, p.value_date, e.timestamp_ns, e.kind AS event
FROM ({_OWN_ACCOUNTS}) a
JOIN clearing.postings p USING (account_id) JOIN clearing.entries e USING (event_seq)
""",
    "own_obligations": f"SELECT * FROM clearing.obligations WHERE member = {_OWN}",
    "own_fails": f"SELECT * FROM clearing.fails WHERE member = {_OWN}",
    "own_trades": (
        f"SELECT * FROM ({_SIDE.format(side='buy', party='buyer', own=_OWN)} UNION ALL "
        f"{_SIDE.format(side='sell', party='seller', own=_OWN)}) AS own"
    ),
}


def upgrade() -> None:
    """Make the tables, their guards, and the views."""
    _obligations()
    _cycles()
    _fails()
    op.execute(_GUARDS)
    for name, query in _VIEWS.items():
        op.execute(f"CREATE VIEW {_SCHEMA}.{name} WITH (security_barrier) AS {query}")


def _obligations() -> None:
    op.create_table(
        "obligations",
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("symbol", sa.Text, primary_key=True),
        sa.Column("due", sa.Date, primary_key=True),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("cycles", sa.Integer, nullable=False),
        sa.Column("changed_seq", sa.BigInteger, nullable=False),
        sa.CheckConstraint(_SCALE.format("quantity"), name="obligations_quantity_scale"),
        sa.CheckConstraint(_SCALE.format("amount"), name="obligations_amount_scale"),
        schema=_SCHEMA,
    )
    op.create_index(
        "obligations_open",
        "obligations",
        ["due"],
        schema=_SCHEMA,
        postgresql_where=sa.text("quantity <> 0 OR amount <> 0"),
    )


def _cycles() -> None:
    op.create_table(
        "cycles",
        sa.Column("cycle", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        sa.Column("settlement_date", sa.Date, nullable=False),
        sa.Column("obligations", sa.Integer, nullable=False),
        sa.Column("settled", sa.Integer),
        sa.Column("partly", sa.Integer),
        sa.Column("failed", sa.Integer),
        sa.Column("begun_ns", sa.BigInteger, nullable=False),
        sa.Column("ended_ns", sa.BigInteger),
        schema=_SCHEMA,
    )


def _fails() -> None:
    op.create_table(
        "fails",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("quantity", sa.Numeric, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("cycles", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("short_of", sa.Text, nullable=False),
        sa.Column("penalty", sa.Numeric, nullable=False),
        *(
            sa.CheckConstraint(_SCALE.format(name), name=f"fails_{name}_scale")
            for name in ("quantity", "amount", "penalty")
        ),
        schema=_SCHEMA,
    )
    op.create_index("fails_cycle", "fails", ["cycle", "event_seq"], schema=_SCHEMA)
    op.create_index("fails_member", "fails", ["member", "event_seq"], schema=_SCHEMA)


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
