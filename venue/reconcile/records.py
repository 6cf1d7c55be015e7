"""Ledger and audit trail beside the journal, by their own verifications.

May know both verifications and the journal's reader.
"""

from pathlib import Path

from psycopg.errors import UndefinedTable
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from venue.audit.position import CONSUMER
from venue.audit.verify import verify as verify_trail
from venue.bus.position_file import read_position_file
from venue.clearing.verify import verify_ledger
from venue.data_directory import DataDirectory
from venue.journal.reader import JournalReader
from venue.reconcile.difference import Away, Compared, Found, Store


def compare_ledger(ledger: Engine, journal: Path) -> Compared:
    """Recompute the ledger from the journal. Raises Away, JournalDamage, JournalNotShown."""
    reader = JournalReader(journal)
    try:
        verdict = verify_ledger(ledger, reader)
    except SQLAlchemyError as error:
        if isinstance(error, ProgrammingError) and isinstance(error.orig, UndefinedTable):
            raise Away("there is no ledger yet: clearing has not started") from error
        raise Away(str(error).strip().splitlines()[0]) from error
    finally:
        reader.close()
    found = Found(Store.LEDGER)
    for each in verdict.breaks:
        found.note(each.where, each.what, each.journal, each.booked, each.event_seq)
    return found.compared(
        f"{verdict.entries:,} entries, {verdict.trades:,} trades and all balances, "
        f"events {verdict.first_event_seq} to {verdict.position}"
    )


def compare_trail(place: DataDirectory) -> Compared:
    """Verify the trail: chain, signed heads, each entry's event. Raises Away, JournalDamage."""
    if not place.trail.is_dir():
        raise Away("there is no audit trail yet")
    shown = read_position_file(place.position(CONSUMER))
    try:
        verdict = verify_trail(
            place.trail,
            place.heads,
            journal=place.journal,
            audited=0 if shown is None else shown.event_seq,
        )
    except OSError as error:
        raise Away(str(error)) from error
    found = Found(Store.TRAIL)
    problem = verdict.problem
    if problem is not None:
        key = f"{problem.file}:{problem.line}"
        found.note(key, problem.kind, "as written", problem.detail, problem.event_seq)
    return found.compared(f"{verdict.entries:,} entries up to event {verdict.event_seq}")
