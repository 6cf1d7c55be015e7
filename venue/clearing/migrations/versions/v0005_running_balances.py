"""Each line says the account's balance before and after it, and which line of the account it is.

What was booked before gets all of that. Balances and members' numbers are kept by the database
itself from now on, for it refuses a line that does not follow the one before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"
_KINDS = ("member", "unsettled", "house", "revenue", "external")
_SCALE = "coalesce(scale(trim_scale({0})) <= 8, false)"
"""As in version 0004: of no number, NaN or infinite, the scale is null."""

_COUNT_TRADES = """
UPDATE clearing.entries e SET trades = counted.trades, busted = counted.busted
FROM (
  SELECT event_seq,
    count(*) FILTER (WHERE kind = 'TradeExecuted') OVER so_far AS trades,
    count(*) FILTER (WHERE kind = 'TradeBusted') OVER so_far AS busted
  FROM clearing.entries
  WINDOW so_far AS (ORDER BY event_seq ROWS UNBOUNDED PRECEDING)
) counted
WHERE counted.event_seq = e.event_seq
"""
_NUMBER_LINES = """
INSERT INTO clearing.postings (event_seq, line, account_id, amount, balance_before, balance_after,
  version, value_date, wallet_number)
SELECT p.event_seq, p.line, p.account_id, p.amount,
  sum(p.amount) OVER so_far - p.amount, sum(p.amount) OVER so_far, row_number() OVER so_far,
  DATE '1970-01-01' + (coalesce(e.timestamp_ns, 0) / 86400000000000)::int,
  CASE WHEN a.kind = 'member' THEN
    row_number() OVER (PARTITION BY a.kind, a.owner ORDER BY p.event_seq, p.line) END
FROM clearing.postings_before p
LEFT JOIN clearing.accounts a USING (account_id)
LEFT JOIN clearing.entries e USING (event_seq)
WINDOW so_far AS (
  PARTITION BY p.account_id ORDER BY p.event_seq, p.line ROWS UNBOUNDED PRECEDING
)
ORDER BY p.event_seq, p.line
"""
_LAST_LINES = """
UPDATE clearing.balances b SET version = p.version, event_seq = p.event_seq
FROM (
  SELECT DISTINCT ON (account_id) account_id, version, event_seq
  FROM clearing.postings ORDER BY account_id, version DESC
) p
WHERE p.account_id = b.account_id
"""
_LAST_NUMBERS = """
INSERT INTO clearing.wallets
SELECT a.owner, max(p.wallet_number)
FROM clearing.postings p JOIN clearing.accounts a USING (account_id)
WHERE p.wallet_number IS NOT NULL GROUP BY a.owner
"""

# The queries are planned anew each time, for a plan made for two lines is a bad one for thousands.
# As the owner: the writer may not change balances.
_FOLLOWS = """
CREATE FUNCTION clearing.book_lines() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE broken record;
BEGIN
  EXECUTE $q$
    SELECT l.event_seq, l.line, l.version, l.balance_before,
      coalesce(l.last_version, b.version, 0) AS last_version,
      coalesce(l.last_balance, b.balance, 0) AS last_balance
    FROM (
      SELECT event_seq, line, account_id, version, balance_before,
        lag(version) OVER w AS last_version, lag(balance_after) OVER w AS last_balance
      FROM new_postings WINDOW w AS (PARTITION BY account_id ORDER BY event_seq, line)
    ) l
    LEFT JOIN clearing.balances b USING (account_id)
    WHERE l.version <> coalesce(l.last_version, b.version, 0) + 1
      OR l.balance_before <> coalesce(l.last_balance, b.balance, 0)
      OR l.event_seq < b.event_seq
    LIMIT 1
  $q$ INTO broken;
  IF broken.event_seq IS NOT NULL THEN
    RAISE EXCEPTION 'entry % line % (version %, before it %) does not follow version % with %',
      broken.event_seq, broken.line, broken.version, broken.balance_before, broken.last_version,
      broken.last_balance USING ERRCODE = 'restrict_violation';
  END IF;
  EXECUTE $q$
    SELECT l.event_seq, l.line, l.wallet_number
    FROM (
      SELECT p.event_seq, p.line, p.wallet_number, a.owner, a.kind,
        row_number() OVER (
          PARTITION BY a.kind IN ('member', 'unsettled'), a.owner ORDER BY p.event_seq, p.line
        ) AS place
      FROM new_postings p JOIN clearing.accounts a USING (account_id)
    ) l
    LEFT JOIN clearing.wallets w ON w.member = l.owner
    WHERE CASE WHEN l.kind IN ('member', 'unsettled')
      THEN l.wallet_number IS DISTINCT FROM coalesce(w.wallet_number, 0) + l.place
      ELSE l.wallet_number IS NOT NULL END
    LIMIT 1
  $q$ INTO broken;
  IF broken.event_seq IS NOT NULL THEN
    RAISE EXCEPTION 'entry % line %: % is not the next number of its member', broken.event_seq,
      broken.line, broken.wallet_number USING ERRCODE = 'restrict_violation';
  END IF;
  EXECUTE $q$
    INSERT INTO clearing.balances AS b (account_id, balance, version, event_seq)
    SELECT DISTINCT ON (account_id) account_id, balance_after, version, event_seq
    FROM new_postings ORDER BY account_id, version DESC
    ON CONFLICT (account_id) DO UPDATE SET
      balance = excluded.balance, version = excluded.version, event_seq = excluded.event_seq
  $q$;
  EXECUTE $q$
    INSERT INTO clearing.wallets AS w (member, wallet_number)
    SELECT a.owner, max(p.wallet_number)
    FROM new_postings p JOIN clearing.accounts a USING (account_id)
    WHERE p.wallet_number IS NOT NULL GROUP BY a.owner
    ON CONFLICT (member) DO UPDATE SET wallet_number = excluded.wallet_number
  $q$;
  RETURN NULL;
END $$;
"""
_GUARDS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON clearing.postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
CREATE TRIGGER balanced AFTER INSERT ON clearing.postings REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_unbalanced();
CREATE TRIGGER in_time AFTER INSERT ON clearing.postings REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_late_lines();
CREATE TRIGGER running AFTER INSERT ON clearing.postings REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.book_lines();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON clearing.balances
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON clearing.wallets
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change();
"""


def upgrade() -> None:
    """Count, number and add up what is booked; then the guards. A large ledger takes minutes."""
    op.execute("SET LOCAL statement_timeout = 0")
    _entries()
    _postings()
    _balances()
    kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
    op.create_check_constraint("accounts_kind", "accounts", f"kind IN ({kinds})", schema=_SCHEMA)
    op.add_column("trades", sa.Column("settlement_date", sa.Date), schema=_SCHEMA)
    for side in ("buyer", "seller"):
        op.create_index(f"trades_{side}", "trades", [side, "event_seq"], schema=_SCHEMA)
    op.execute(_FOLLOWS)
    op.execute(_GUARDS)


def _entries() -> None:
    for name in ("trades", "busted"):
        op.add_column("entries", sa.Column(name, sa.BigInteger), schema=_SCHEMA)
    op.execute("ALTER TABLE clearing.entries DISABLE TRIGGER append_only")
    op.execute(_COUNT_TRADES)
    op.execute("ALTER TABLE clearing.entries ENABLE TRIGGER append_only")
    for name in ("trades", "busted"):
        op.alter_column("entries", name, nullable=False, schema=_SCHEMA)
    op.create_index("entries_timestamp", "entries", ["timestamp_ns", "event_seq"], schema=_SCHEMA)


def _postings() -> None:
    op.rename_table("postings", "postings_before", schema=_SCHEMA)
    op.execute("ALTER TABLE clearing.postings_before DROP CONSTRAINT postings_pkey")
    op.create_table(
        "postings",
        sa.Column("event_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.Column("balance_before", sa.Numeric, nullable=False),
        sa.Column("balance_after", sa.Numeric, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("value_date", sa.Date, nullable=False),
        sa.Column("wallet_number", sa.BigInteger),
        sa.CheckConstraint(_SCALE.format("amount"), name="postings_scale"),
        sa.CheckConstraint("balance_after = balance_before + amount", name="postings_adds_up"),
        schema=_SCHEMA,
    )
    op.execute(_NUMBER_LINES)
    op.drop_table("postings_before", schema=_SCHEMA)
    columns = ["account_id", "event_seq", "line"]
    op.create_index("postings_account", "postings", columns, schema=_SCHEMA)


def _balances() -> None:
    for name in ("version", "event_seq"):
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))
        op.add_column("balances", column, schema=_SCHEMA)
    op.create_table(
        "wallets",
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("wallet_number", sa.BigInteger, nullable=False),
        schema=_SCHEMA,
    )
    op.execute(_LAST_LINES)
    op.execute(_LAST_NUMBERS)
    for name in ("version", "event_seq"):
        op.alter_column("balances", name, server_default=None, schema=_SCHEMA)


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
