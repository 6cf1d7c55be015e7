"""Names in filters of lists: one that the venue does not have is wrong use, not an empty list.

Asks the running venue; without one, executes the journal again.
"""

from collections.abc import Iterable
from pathlib import Path

from venue.admin.client import VenueUnreachable
from venue.cli.desk.operator import known_instruments, known_members
from venue.cli.options import wrong_use
from venue.data_directory import DataDirectory
from venue.near_names import unknown


def check_names(data_dir: Path, *, member: str = "", session: str = "", symbol: str = "") -> None:
    """End with status 2 for the first name that is unknown; empty ones are not looked at.

    For a list that came out empty: where it has rows, its names are known. Where there is neither
    a venue nor a journal nobody knows.
    """
    if not DataDirectory(data_dir).journal.exists():
        return
    if member or session:
        try:
            rows = known_members(data_dir, dry_run=False)
        except VenueUnreachable:
            rows = known_members(data_dir, dry_run=True)
        _check("member", member, (row.member for row in rows))
        _check("session", session, (each for row in rows for each in row.sessions))
    if symbol:
        try:
            instruments = known_instruments(data_dir, dry_run=False)
        except VenueUnreachable:
            instruments = known_instruments(data_dir, dry_run=True)
        _check("symbol", symbol, (each.symbol for each in instruments))


def _check(what: str, name: str, known: Iterable[str]) -> None:
    names = set(known)
    if name and name not in names:
        wrong_use(f"{what} {name} is {unknown(name, names)}")
