"""Reads the members' lines from the ledger in order, and notes how far they were told.

May know the schema and SQL. The postings are the outbox: they are there once they are committed,
all of a transaction at once, and only ever behind those that were there before.
"""

from collections.abc import Sequence

from sqlalchemy import Engine, text

from venue.clearing.wallet.event import Place, WalletLine

RELAY = "wallet-events"
"""Name of the row in `relays`."""

# The lines are found first, by the primary key; then each gets its account and entry by theirs.
_LINES = """
    SELECT p.event_seq, p.line, p.amount, p.balance_after, p.value_date, p.wallet_number,
      a.kind AS account_kind, a.owner, a.sub_account, a.asset, e.timestamp_ns,
      e.kind AS entry_kind
    FROM (
      SELECT event_seq, line, account_id, amount, balance_after, value_date, wallet_number
      FROM clearing.postings
      WHERE {which} AND wallet_number IS NOT NULL
      ORDER BY event_seq, line LIMIT :limit
    ) p
    JOIN clearing.accounts a ON a.account_id = p.account_id
    JOIN clearing.entries e ON e.event_seq = p.event_seq
    ORDER BY p.event_seq, p.line
"""
LINES_AFTER = text(_LINES.format(which="(event_seq, line) > (:event_seq, :line)"))
LINE_AT = text(_LINES.format(which="event_seq = :event_seq AND line = :line"))
_NOTE = text(
    "INSERT INTO clearing.relays AS r (name, event_seq, line) VALUES (:name, :event_seq, :line) "
    "ON CONFLICT (name) DO UPDATE SET event_seq = excluded.event_seq, line = excluded.line "
    "WHERE (r.event_seq, r.line) <> (excluded.event_seq, excluded.line)"
)
_NO_WAIT_FOR_DISK = text("SET LOCAL synchronous_commit = off")
_NOTED = text("SELECT event_seq, line FROM clearing.relays WHERE name = :name")


def lines_after(engine: Engine, place: Place, limit: int) -> Sequence[WalletLine]:
    """At most `limit` members' lines behind a place, in order. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        rows = connection.execute(LINES_AFTER, {**place._asdict(), "limit": limit}).all()
    return [WalletLine(*row) for row in rows]


def line_at(engine: Engine, place: Place) -> WalletLine | None:
    """The member's line at a place; None: there is none. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        row = connection.execute(LINE_AT, {**place._asdict(), "limit": 1}).one_or_none()
    return None if row is None else WalletLine(*row)


def note_told(engine: Engine, place: Place) -> None:
    """Note up to where lines were told. The stream says the same, and it alone counts.

    Raises SQLAlchemyError.
    """
    with engine.begin() as connection:
        connection.execute(_NO_WAIT_FOR_DISK)
        connection.execute(_NOTE, {"name": RELAY, **place._asdict()})


def told_place(engine: Engine) -> Place:
    """Up to where lines were told, as it was noted last. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        row = connection.execute(_NOTED, {"name": RELAY}).one_or_none()
    return Place() if row is None else Place(*row)
