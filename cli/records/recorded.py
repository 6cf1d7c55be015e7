"""What commands that read a journal have in common: where it is, and its errors as one line.

Works beside a running venue and on a stopped one; writes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from venue import logs
from venue.admin.answers import Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import StatusQuery
from venue.cli.options import refuse, wrong_use
from venue.cli.progress import progress
from venue.cli.records.moment import NotAMoment, is_time_of_day, parse_moment
from venue.data_directory import DataDirectory
from venue.journal.durable import read_position
from venue.journal.origin import RestoreUnfinished
from venue.journal.segment import JournalDamage, has_segments
from venue.replay.replay import Replay, ReplayDifference, SnapshotMissing, replay_journal
from venue.witnesses import WitnessRefuses

AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="ISO 8601, or HH:MM[:SS[.ffffff]] of the day, UTC."),
]
ToOption = Annotated[
    int | None, typer.Option("--to", min=1, metavar="SEQ", help="After this record.")
]


def journal_directory(data_dir: Path) -> Path:
    """The journal of a data directory; ends with status 1 where there is none."""
    directory = DataDirectory(data_dir).journal
    if not has_segments(directory):
        refuse(f"no journal in {data_dir}")
    return directory


def warn_on_stderr() -> None:
    """Have what replay warns of, such as a snapshot it passes over, go to stderr."""
    logs.configure("venue", level="warning")


@contextmanager
def refusing() -> Iterator[None]:
    """What is wrong with the journal ends the command with status 1 and its one line."""
    try:
        yield
    except (
        JournalDamage,
        ReplayDifference,
        RestoreUnfinished,
        SnapshotMissing,
        WitnessRefuses,
    ) as error:
        refuse(str(error))
    except msgspec.MsgspecError as error:  # a frame that is whole holds what was never written
        refuse(f"the journal holds what this version cannot read: {error}")
    except OSError as error:
        refuse(f"the journal cannot be read: {error}")


def replayed(
    directory: Path, to_seq: int | None = None, to_ns: int | None = None, *, whole: bool = False
) -> Replay:
    """State of the engine after that record or time, by executing every command again.

    Ends with status 1 and one line where that cannot be.
    """
    warn_on_stderr()
    last = read_position(directory).event_seq
    with refusing(), progress("executing the journal", last) as bar:
        result = replay_journal(
            directory, None, to_seq=to_seq, to_ns=to_ns, from_start=whole, tell=bar.at
        )
    if to_seq is not None and result.seq < to_seq:
        refuse(f"there is no record {to_seq} yet: the last one is {result.seq}")
    if not result.seq:
        refuse("nothing was recorded by then")
    return result


def moment(data_dir: Path, text: str) -> int:
    """Last nanosecond since 1970 of a moment as written; one without date is of the trading day.

    Ends with status 2 and one line for text that names none.
    """
    day = _trading_day(data_dir) if is_time_of_day(text) else ""
    try:
        return parse_moment(text, day)
    except NotAMoment as error:
        wrong_use(str(error))


def _trading_day(data_dir: Path) -> str:
    """The current trading day: of the running venue, else the last one in the journal."""
    try:
        status = ask(data_dir, StatusQuery())
        day = "" if isinstance(status, Refusal) else status.trading_day
    except VenueUnreachable:
        day = replayed(journal_directory(data_dir)).engine.state.trading_day
    return day or refuse("no trading day has begun: give the date too")
