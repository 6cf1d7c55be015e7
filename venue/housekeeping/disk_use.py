"""How much each store has on disk, and what a day costs, by the day so far.

May know a data directory. The replica writes down what was there when the day began; whoever asks
measures again.
"""

import os
from pathlib import Path

import msgspec

from venue.bus.subjects import DROP_STREAMS, LEDGER, PUBLIC_TRADES, STREAM
from venue.data_directory import DataDirectory
from venue.journal.files import replace
from venue.journal.segment import JournalDamage, JournalPosition, list_segments
from venue.settings.retention import RetentionSettings

_BLOCK_BYTES = 512
_DAY_NS = 86_400 * 1_000_000_000
_LEAST_NS = 60 * 1_000_000_000
"""So long a day has to be, to say what it costs."""


class StoreUse(msgspec.Struct, frozen=True):
    """One store. day_bytes: what a whole day like this one adds; None: not known yet.

    kept_days, kept_gib: its retention; 0: no such bound, None: none can be set.
    """

    store: str
    bytes: int
    day_bytes: int | None
    kept_days: int | None
    kept_gib: int | None


class DayUse(msgspec.Struct, frozen=True):
    """Bytes by store: `began` at since_ns, when the day began, and `now` at at_ns.

    Of the journal what is written counts, not the rest of the segment that is full of zeros.
    """

    since_ns: int
    at_ns: int
    began: dict[str, int]
    now: dict[str, int]
    retention: dict[str, tuple[int, int]]

    def day_bytes(self, store: str) -> int | None:
        """What a whole day like this one adds to a store; None: not known yet."""
        passed_ns = self.at_ns - self.since_ns
        if passed_ns < _LEAST_NS or store not in self.began or store not in self.now:
            return None
        return max(0, self.now[store] - self.began[store]) * _DAY_NS // passed_ns


def disk_use(data_dir: Path) -> list[StoreUse]:
    """Every store that there is. Raises nothing: what cannot be read does not count."""
    place = DataDirectory(data_dir)
    day = _read(place)
    uses = []
    for store, size in measured(place).items():
        days, gib = (None, None) if day is None else day.retention.get(store, (None, None))
        uses.append(StoreUse(store, size, day.day_bytes(store) if day else None, days, gib))
    return uses


def note_day(
    place: DataDirectory, end: JournalPosition, retention: RetentionSettings, now_ns: int
) -> None:
    """Write down what is there now, beside what there was when the day began. Raises OSError.

    end: how far the journal is known to be written.
    """
    now = measured(place)
    now["journal"] -= _unwritten(place.journal, end)
    before = _read(place)
    is_new = before is None or before.since_ns // _DAY_NS != now_ns // _DAY_NS
    began, since_ns = (now, now_ns) if is_new or before is None else (before.began, before.since_ns)
    used = DayUse(since_ns, now_ns, began, now, _bounds(retention))
    replace(place.disk_use, msgspec.json.encode(used))


def measured(place: DataDirectory) -> dict[str, int]:
    """Bytes on disk of every store that there is."""
    message_logs = _size(place.session_logs)
    nats = place.server("nats")
    events = sum(map(_size, nats.glob(f"jetstream/*/streams/{STREAM}")))
    copies = sum(map(_size, nats.glob(f"jetstream/*/streams/{DROP_STREAMS}*")))
    trades = sum(map(_size, nats.glob(f"jetstream/*/streams/{PUBLIC_TRADES}")))
    wallets = sum(map(_size, nats.glob(f"jetstream/*/streams/{LEDGER}")))
    sizes = {
        "journal": _size(place.journal),
        "event stream": events,
        "drop streams": copies,
        "trade stream": trades,
        "ledger stream": wallets,
        "other streams": _size(nats) - events - copies - trades - wallets,
        "ledger": _size(place.server("postgres")),
        "trail": _size(place.trail) + _size(place.heads),
        "message logs": message_logs,
        "service logs": _size(place.session_logs.parent) - message_logs,
    }
    return {store: size for store, size in sizes.items() if size or store == "journal"}


def _bounds(retention: RetentionSettings) -> dict[str, tuple[int, int]]:
    return {
        "journal": (retention.journal_days, retention.journal_gib),
        "event stream": (retention.stream_days, retention.stream_gib),
        "drop streams": (retention.drop_stream_days, retention.drop_stream_gib),
        "trade stream": (retention.trade_stream_days, retention.trade_stream_gib),
        "ledger stream": (retention.ledger_stream_days, retention.ledger_stream_gib),
        "trail": (retention.trail_days, 0),
        "message logs": (retention.message_log_days, retention.message_log_gib),
        "service logs": (retention.service_log_days, retention.service_log_gib),
    }


def _read(place: DataDirectory) -> DayUse | None:
    try:
        return msgspec.json.decode(place.disk_use.read_bytes(), type=DayUse)
    except (OSError, msgspec.MsgspecError):
        return None


def _unwritten(journal: Path, end: JournalPosition) -> int:
    """Bytes of the segment at `end`, and of what is prepared behind it, that hold nothing yet."""
    if end.segment is None:
        return 0
    try:
        segments = list_segments(journal)
    except JournalDamage:
        return 0
    later = [each.path for each in segments if each.number > end.segment.number]
    sizes = [_blocks(path) for path in (*later, *journal.glob("prepared.*"))]
    last = end.segment.places[0]
    return sum(sizes) + max(0, _blocks(last) - end.offset if last.exists() else 0)


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * _BLOCK_BYTES
    except OSError:
        return 0


def _size(path: Path) -> int:
    """What a directory and all in it take on disk; what goes away meanwhile does not count."""
    total = 0
    for directory, _, names in os.walk(path):
        total += sum(_blocks(Path(directory, name)) for name in names)
    return total
