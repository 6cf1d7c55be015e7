"""What waits: once each, in order, bounded, and what stands in a file that is damaged or full."""

from pathlib import Path

import pytest

from venue.bus.halts import StoreAway
from venue.bus.position_file import Position
from venue.notify import store as module
from venue.notify.store import Backlog, Delivery, Kept, Store, StoreDamaged, Waiting


def delivery(number: int, destination: str = "ALPHA/desk") -> Delivery:
    return Delivery(destination, f"id-{number}", number, number, b"%d" % number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notifier.db"


def left(store: Store, destination: str = "ALPHA/desk") -> list[bytes]:
    """Everything that waits, delivered one after the other."""
    found = []
    while (waiting := store.next(destination)) is not None:
        found.append(waiting.alert)
        store.delivered(waiting.number)
    return found


def test_alerts_leave_in_order_and_wait_once_however_often_they_are_added(path: Path) -> None:
    store = Store(path)
    store.add([delivery(1), delivery(2), delivery(2, "BRAVO/x")])
    first = store.next("ALPHA/desk")
    assert first == Waiting(1, b"1")
    store.delivered(first.number)
    assert [each.stat().st_mode & 0o077 for each in path.parent.glob("notifier.db*")] == [0, 0, 0]
    store.close()
    again = Store(path)  # as after a crash: the events come again
    again.add([delivery(1), delivery(2), delivery(3)])
    assert left(again) == [b"2", b"3"]
    assert left(again, "BRAVO/x") == [b"2"]
    again.close()


def test_what_is_delivered_is_forgotten_behind_the_position_and_not_before(path: Path) -> None:
    store = Store(path)
    assert store.kept() == Kept(None, b"")
    store.add([delivery(1), delivery(2), delivery(3)])
    assert left(store) == [b"1", b"2", b"3"]
    store.keep(Position(2, journal="j", digest="d"), b"seen")
    assert store.kept() == Kept(Position(2, journal="j", digest="d"), b"seen")
    store.add([delivery(2), delivery(3)])
    assert left(store) == [b"2"]  # forgotten: event 2 does not come again
    store.close()


def test_oldest_are_lost_and_counted_where_too_many_wait_or_they_are_too_old(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    store = Store(path)
    assert store.add([delivery(number) for number in range(1, 6)]) == 2
    assert store.add([delivery(6, "BRAVO/x")]) == 0
    assert store.backlogs() == {"ALPHA/desk": Backlog(3, 2), "BRAVO/x": Backlog(1, 0)}
    assert store.lose_before("ALPHA/desk", 4) == 1
    assert store.backlogs()["ALPHA/desk"] == Backlog(2, 3)
    store.forget_others({"BRAVO/x"})
    assert store.backlogs() == {"BRAVO/x": Backlog(1, 0)}
    store.close()


def test_file_that_is_none_of_ours_is_said_to_be_damaged(path: Path) -> None:
    path.write_bytes(b"no database, but long enough to be looked at" * 100)
    store = Store(path)
    with pytest.raises(StoreDamaged, match="remove it"):
        store.kept()
    store.close()


def test_file_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    store = Store(tmp_path / "nowhere" / "notifier.db")
    with pytest.raises(StoreAway):
        store.kept()
    store.close()
