"""The ledger's rows as tests compare them: accounts by name, not by the number they have."""

from typing import Any

from sqlalchemy import Engine, text

LINES = """
    SELECT p.event_seq, p.line, a.kind, a.owner, a.sub_account, a.asset, p.amount, p.balance_before,
      p.balance_after, p.version, p.value_date, p.wallet_number
    FROM clearing.postings p JOIN clearing.accounts a USING (account_id)
    ORDER BY p.event_seq, p.line
"""
BALANCES = """
    SELECT a.kind, a.owner, a.sub_account, a.asset, b.balance, b.version, b.event_seq
    FROM clearing.balances b JOIN clearing.accounts a USING (account_id) ORDER BY 1, 2, 3, 4
"""
TABLES = {
    "entries": "SELECT * FROM clearing.entries ORDER BY event_seq",
    "postings": LINES,
    "balances": BALANCES,
    "wallets": "SELECT * FROM clearing.wallets ORDER BY member",
    "trades": "SELECT * FROM clearing.trades ORDER BY event_seq",
    "obligations": "SELECT * FROM clearing.obligations ORDER BY 1, 2, 3, 4",
    "cycles": "SELECT * FROM clearing.cycles ORDER BY cycle",
    "fails": "SELECT * FROM clearing.fails ORDER BY event_seq",
}


def rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query)))


def all_rows(engine: Engine) -> dict[str, list[Any]]:
    """What each table has."""
    return {name: rows(engine, query) for name, query in TABLES.items()}
