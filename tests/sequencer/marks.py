"""Marks of one session, ALPHA, folded into a book that keeps three reports."""

from venue.domain import commands as c
from venue.domain.outgoing import Outgoing
from venue.journal.record import Batch, Record, SessionMark
from venue.sequencer.session_state import SessionBook, SessionState

WINDOW = 3


def record(command: c.AnyCommand, timestamp_ns: int = 1) -> Record:
    return Record(1, timestamp_ns, 1, 1, command, [])


def fold(book: SessionBook, batch: Batch, *texts: str, next_seq: int = 1) -> None:
    book.fold(batch, {"ALPHA": [Outgoing("ALPHA", text) for text in texts]}, next_seq)


def mark(book: SessionBook, *texts: str, confirmed: bool = True) -> None:
    """Reports to ALPHA under its next numbers; whether the client has all that was before."""
    state = book["ALPHA"]
    number = state.next_out
    unread_from = 0 if not state.logged_on else number if confirmed else state.unread_from
    sessions = {"ALPHA": SessionMark(2, number, len(texts), unread_from=unread_from)}
    fold(book, Batch([], sessions), *texts)


def log_on(book: SessionBook, reset: bool = False) -> None:
    number = 1 if reset else book["ALPHA"].next_out
    logon = SessionMark(2, number, unread_from=number)
    fold(book, Batch([record(c.LogOn("ALPHA", reset))], {"ALPHA": logon}))


def log_out(
    book: SessionBook, unread_from: int, *texts: str, read: tuple[tuple[int, int], ...] = ()
) -> None:
    number = book["ALPHA"].next_out
    left = SessionMark(2, number, len(texts), unread_from=unread_from, read=read)
    fold(book, Batch([record(c.LogOut("ALPHA"))], {"ALPHA": left}), *texts)


def send_owed(book: SessionBook, sent_ns: int = 9) -> None:
    state = book["ALPHA"]
    count = len(state.owed)
    sent = SessionMark(2, state.next_out, count, resent=count, sent_ns=sent_ns)
    fold(book, Batch([], {"ALPHA": sent}))


def texts(state: SessionState) -> dict[int, str]:
    return {number: kept.text for number, kept in state.stored.items()}


def unread(state: SessionState) -> list[str]:
    return [state.stored[number].text for number in sorted(state.unread)]


def owed(state: SessionState) -> list[str]:
    return [kept.text for kept in state.owed]


def book_with_alpha() -> SessionBook:
    """A book that keeps three reports, with ALPHA logged on under incoming 2 and outgoing 2."""
    book = SessionBook(window=WINDOW)
    fold(book, Batch([record(c.LogOn("ALPHA"))], {"ALPHA": SessionMark(2, 2, unread_from=2)}))
    return book
