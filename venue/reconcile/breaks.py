"""The book of breaks: each difference with its id, owner, age, state and history.

A file of acts, one JSON line each, only ever appended to: what is now follows from all of them. May
know files only. Several processes may write: each line goes out whole, under a lock.
"""

import fcntl
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from venue.journal.files import sync_directory
from venue.reconcile.difference import Difference

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class State(StrEnum):
    """OPEN: it is there. GONE: a later round did not find it. CLOSED: somebody has closed it."""

    OPEN = "open"
    GONE = "gone"
    CLOSED = "closed"


class Kind(StrEnum):
    """What has happened to a break."""

    FOUND = "found"
    CHANGED = "changed"
    GONE = "gone"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line. by: who did it; the reconciler's own are empty. note: owner, or why."""

    break_id: str
    kind: Kind
    timestamp_ns: int
    difference: Difference | None = None
    by: str = ""
    note: str = ""


class Break(msgspec.Struct):
    """A difference and what became of it. since_ns: when it was found, last time it was opened."""

    break_id: str
    difference: Difference
    state: State
    since_ns: int
    owner: str = ""
    history: list[Act] = []


class BreaksUnreadable(Exception):
    """The file is not what was written; text names it and the line."""


class NoSuchBreak(LookupError):
    """There is no break of that id, or it is not open."""


class BreakBook:
    """The breaks of one data directory, as the file has them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def breaks(self) -> list[Break]:
        """All breaks there ever were, in the order in which they were found first."""
        return list(_folded(self._path, self._lines()).values())

    def note_round(
        self, differences: Iterable[Difference], stores: Iterable[str], now_ns: int
    ) -> list[Break]:
        """Keep what a round has found. Returns the breaks that it has opened.

        stores: those that were compared in full: what is open there and was not found is gone.
        """
        with _Writing(self._path) as writing:
            known = _folded(self._path, writing.lines())
            found = {each.break_id: each for each in differences}
            opened = []
            for break_id, difference in found.items():
                before = known.get(break_id)
                if before is None or before.state is not State.OPEN:
                    writing.write(Act(break_id, Kind.FOUND, now_ns, difference))
                    opened.append(break_id)
                elif before.difference != difference:
                    writing.write(Act(break_id, Kind.CHANGED, now_ns, difference))
            compared = set(stores)
            for before in known.values():
                is_open = before.state is State.OPEN and before.difference.store in compared
                if is_open and before.break_id not in found:
                    writing.write(Act(before.break_id, Kind.GONE, now_ns))
        now = {each.break_id: each for each in self.breaks()}
        return [now[break_id] for break_id in opened]

    def assign(self, break_id: str, owner: str, by: str, now_ns: int) -> Break:
        """Give an open break to somebody. Raises NoSuchBreak."""
        return self._act(Act(break_id, Kind.ASSIGNED, now_ns, by=by, note=owner))

    def close(self, break_id: str, why: str, by: str, now_ns: int) -> Break:
        """Close an open break. If a later round finds it, it is open again. Raises NoSuchBreak."""
        return self._act(Act(break_id, Kind.CLOSED, now_ns, by=by, note=why))

    def _act(self, act: Act) -> Break:
        with _Writing(self._path) as writing:
            known = _folded(self._path, writing.lines())
            found = known.get(act.break_id)
            if found is None:
                raise NoSuchBreak(f"there is no break {act.break_id}")
            if found.state is not State.OPEN:
                raise NoSuchBreak(f"break {act.break_id} is {found.state} already")
            writing.write(act)
        return next(each for each in self.breaks() if each.break_id == act.break_id)

    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []


class _Writing:
    """The file open for appending, locked. A half line of a writer that was killed is cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_Writing":
        is_new = not self._path.exists()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, _FLAGS, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        if is_new:
            sync_directory(self._path.parent)
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._descriptor, whole)
        self._content = content[:whole]
        return self

    def lines(self) -> list[bytes]:
        return self._content.splitlines(keepends=True)

    def write(self, act: Act) -> None:
        os.write(self._descriptor, msgspec.json.encode(act) + b"\n")

    def __exit__(self, *error: object) -> None:
        os.fsync(self._descriptor)
        os.close(self._descriptor)


def _folded(path: Path, lines: list[bytes]) -> dict[str, Break]:
    breaks: dict[str, Break] = {}
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            break  # a writer is at it
        try:
            act = msgspec.json.decode(line, type=Act)
        except msgspec.MsgspecError as error:
            raise BreaksUnreadable(f"{path}:{number}: {error}") from error
        _take(breaks, act, f"{path}:{number}")
    return breaks


def _take(breaks: dict[str, Break], act: Act, where: str) -> None:
    found = breaks.get(act.break_id)
    if found is None:
        if act.difference is None:
            raise BreaksUnreadable(f"{where}: {act.kind} of a break that was never found")
        found = Break(act.break_id, act.difference, State.OPEN, act.timestamp_ns)
        breaks[act.break_id] = found
    if act.kind is Kind.FOUND:
        found.state, found.since_ns, found.owner = State.OPEN, act.timestamp_ns, ""
    elif act.kind is Kind.GONE:
        found.state = State.GONE
    elif act.kind is Kind.CLOSED:
        found.state = State.CLOSED
    elif act.kind is Kind.ASSIGNED:
        found.owner = act.note
    if act.difference is not None:
        found.difference = act.difference
    found.history = [*found.history, act]
