"""What takes longer to find out: whether NATS and PostgreSQL answer, the ledger, stores, breaks.

Each is asked for at its own pace, in a thread; what could not be found out is None. Reads only.
"""

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
import structlog
from cryptography import x509
from sqlalchemy.exc import SQLAlchemyError

from venue.clearing.database import ledger_engine
from venue.clearing.statements import totals_query
from venue.data_directory import DataDirectory
from venue.housekeeping.disk_use import disk_use
from venue.reconcile.breaks import BreakBook, BreaksUnreadable, State
from venue.reconcile.last_round import read_last_round
from venue.settings.gate import GateSettings

ANSWER_SECONDS = 1.0
_NATS_PORT = 4222
_log = structlog.get_logger("metrics")


class ServerLook(NamedTuple):
    """A server that was asked. seconds: how long it took to answer; None: it did not."""

    server: str
    seconds: float | None

    @property
    def is_up(self) -> bool:
        """Whether it has answered."""
        return self.seconds is not None


class Stores(NamedTuple):
    """What the stores say. imbalance: sum of each asset over the whole ledger, 0 if it is right.

    breaks, last_round: see reconciliation. certificates: when each ends, seconds since 1970.
    """

    imbalance: dict[str, Decimal] | None
    breaks: int | None
    last_round: float | None
    bytes: dict[str, int]
    free_bytes: int
    disk_bytes: int
    certificates: dict[str, float]


def ask_nats(url: str) -> ServerLook:
    """Ask a NATS server for its greeting; of a cluster each in turn until one answers."""
    for each in filter(None, url.split(",")):
        parts = urlsplit(each)
        seconds = _timed(partial(_greets, parts.hostname, parts.port))
        if seconds is not None:
            return ServerLook("nats", seconds)
    return ServerLook("nats", None)


def _greets(host: str | None, port: int | None) -> None:
    """Raises OSError unless it greets."""
    with socket.create_connection((host or "", port or _NATS_PORT), ANSWER_SECONDS) as connection:
        if connection.recv(5) != b"INFO ":
            raise ConnectionError("it does not greet as NATS does")


def ask_postgres(url: str) -> ServerLook:
    """Ask PostgreSQL for nothing but an answer."""
    return ServerLook("postgres", _timed(partial(_answers, url)))


def _answers(url: str) -> None:
    """Raises psycopg.Error unless it answers in time."""
    options = f"-c statement_timeout={int(1000 * ANSWER_SECONDS)}"
    with psycopg.connect(url, connect_timeout=2, options=options) as connection:
        connection.execute("SELECT 1")


def _timed(ask: Callable[[], None]) -> float | None:
    began = time.monotonic()
    try:
        ask()
    except (OSError, psycopg.Error):
        return None
    return time.monotonic() - began


def look_at_stores(data_dir: Path, database_url: str, gate: GateSettings | None) -> Stores:
    """What the stores say now. Raises OSError where the data directory is gone."""
    place = DataDirectory(data_dir)
    disk = os.statvfs(data_dir)
    last = read_last_round(data_dir)
    return Stores(
        _imbalance(database_url),
        _open_breaks(place),
        None if last is None else last.began_ns / 1e9,
        {use.store: use.bytes for use in disk_use(data_dir)},
        disk.f_bavail * disk.f_frsize,
        disk.f_blocks * disk.f_frsize,
        certificate_ends(gate),
    )


def _imbalance(database_url: str) -> dict[str, Decimal] | None:
    """Sums by asset; None: the ledger cannot be asked, or is not made yet."""
    if not database_url:
        return None
    engine = ledger_engine(database_url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(totals_query(None)).all()
            return {row.asset: row.total for row in rows}
    except SQLAlchemyError:  # away, or not made yet: nothing is known
        return None
    finally:
        engine.dispose()


def _open_breaks(place: DataDirectory) -> int | None:
    try:
        return sum(each.state is State.OPEN for each in BreakBook(place.breaks).breaks())
    except BreaksUnreadable as error:
        _log.error("breaks cannot be read", error=str(error))
        return None


def certificate_ends(gate: GateSettings | None) -> dict[str, float]:
    """When the gate's certificates end, by file name; of a chain the first one to end."""
    files = () if gate is None else (gate.certificate, gate.client_ca)
    found = {}
    for file in filter(None, files):
        try:
            chain = x509.load_pem_x509_certificates(file.read_bytes())
        except (OSError, ValueError) as error:
            _log.error("a certificate cannot be read", file=str(file), error=str(error))
            continue
        found[file.name] = min(each.not_valid_after_utc for each in chain).timestamp()
    return found


def days_left(end: float) -> float:
    """Days until a time in seconds since 1970; below 0: it has passed."""
    return (end - datetime.now(UTC).timestamp()) / 86_400
