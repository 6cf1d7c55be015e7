"""What is booked stays whole: no line comes late, no amount is finer than money is.

An entry gets its lines in the transaction that books it, and an event behind the position only.
Accounts never change, and the position only moves on, in the ledger of one journal.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SCHEMA = "clearing"

# The row of an entry that this transaction has made has its number as xmin.
_LATE_LINES = """
CREATE FUNCTION clearing.refuse_late_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE late bigint;
BEGIN
  SELECT p.event_seq INTO late
  FROM (SELECT DISTINCT event_seq FROM new_postings) p
  LEFT JOIN clearing.entries e USING (event_seq)
  WHERE e.xmin IS DISTINCT FROM pg_current_xact_id()::xid
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % is booked or missing: no line is added to it', late
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER in_time AFTER INSERT ON clearing.postings
  REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_late_lines();
"""

_LATE_ENTRIES = """
CREATE FUNCTION clearing.refuse_late_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE late bigint;
BEGIN
  SELECT min(event_seq) INTO late FROM new_entries;
  IF late <= (SELECT max(event_seq) FROM clearing.position) THEN
    RAISE EXCEPTION 'entry of event % comes late: the ledger is past it', late
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER in_time AFTER INSERT ON clearing.entries
  REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_late_entries();
"""

_POSITION = """
CREATE FUNCTION clearing.refuse_way_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.consumer <> OLD.consumer OR NEW.event_seq <= OLD.event_seq
    OR OLD.journal NOT IN ('', NEW.journal) THEN
    RAISE EXCEPTION 'position % of journal "%" cannot become % of "%"', OLD.event_seq, OLD.journal,
      NEW.event_seq, NEW.journal USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER onwards_only BEFORE UPDATE ON clearing.position
  FOR EACH ROW EXECUTE FUNCTION clearing.refuse_way_back();
"""

_SCALE = "coalesce(scale(trim_scale({0})) <= 8, false)"
"""Of no number, NaN or infinite, the scale is null."""

_EXACT = (("postings", "amount"), ("balances", "balance"))
_APPEND_ONLY = (("accounts", "UPDATE OR "), ("position", ""))


def upgrade() -> None:
    """Add the guards; what was booked before has to meet the scale, too."""
    for table, column in _EXACT:
        name = f"{table}_scale"
        op.create_check_constraint(name, table, _SCALE.format(column), schema=_SCHEMA)
    for statement in (_LATE_LINES, _LATE_ENTRIES, _POSITION):
        op.execute(statement)
    for table, change in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {change}DELETE OR TRUNCATE ON {_SCHEMA}.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION clearing.refuse_change()"
        )


def downgrade() -> None:
    """Refused: a ledger is rebuilt from the journal, not turned back."""
    raise NotImplementedError("drop schema clearing and let clearing rebuild it from the journal")
