"""Engines on the ledger's database.

May know SQLAlchemy and psycopg; the URL is a plain postgresql:// one, as psql takes it.
"""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

CONNECT_SECONDS = 3
STATEMENT_MS = 60_000


def ledger_engine(database_url: str) -> Engine:
    """Engine for one user at a time; a lost connection is noticed before it is used again."""
    return create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=1,
        max_overflow=1,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_MS}",
            "application_name": "venue-clearing",
        },
    )
