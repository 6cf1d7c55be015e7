"""What has happened between two looks, as rates: of trading, of each process, of each follower.

Pure. What is not known is None; without metrics that is all that only trading itself knows.
"""

import msgspec

from venue.metrics.look import Look, ProcessLook
from venue.metrics.verdict import why_not_healthy
from venue.processes import TRADING
from venue.tally import Spread

_NS_PER_MS = 1e6
MOST_SESSIONS = 10


class Quantiles(msgspec.Struct, frozen=True):
    """Milliseconds: half and 99 of 100 are below."""

    p50_ms: float
    p99_ms: float


class TradingRates(msgspec.Struct, frozen=True, kw_only=True):
    """Trading. Only events_per_second is known without metrics.

    inbox_deepest: most inputs that waited within a second. batch: commands that share a write, the
    mean. sync: fdatasync. to_report: from the poll that has read a message to its reports' leaving.
    """

    events_per_second: float | None
    commands_per_second: float | None = None
    batch: float | None = None
    inbox_deepest: int | None = None
    sessions_on: int | None = None
    open_orders: int | None = None
    sync: Quantiles | None = None
    to_disk: Quantiles | None = None
    to_report: Quantiles | None = None


class ProcessRates(msgspec.Struct, frozen=True, kw_only=True):
    """One process. cpu_percent: of one core. trouble: why it is not healthy, or keeps failing."""

    process: str
    up: bool
    pid: int | None
    restarts: int
    cpu_percent: float | None
    resident_bytes: int | None
    open_files: int | None
    trouble: str | None


class FollowerRates(msgspec.Struct, frozen=True, kw_only=True):
    """Who follows the journal. lag_seconds: for how long it lacks an event, at least."""

    follower: str
    runs_in: str
    position: int | None
    events_per_second: float | None
    lag_events: int | None
    lag_seconds: float | None
    halted: str | None


class SessionRates(msgspec.Struct, frozen=True, kw_only=True):
    """One of the busiest sessions that are on. unread_bytes: what it has not taken yet."""

    session: str
    in_per_second: float
    out_per_second: float
    unread_bytes: int


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, over so many seconds. event_seq: the last one on disk."""

    seconds: float
    event_seq: int | None
    trading: TradingRates
    processes: list[ProcessRates]
    followers: list[FollowerRates]
    sessions: list[SessionRates]


def rates(before: Look, after: Look) -> Rates:
    """What has happened between them."""
    seconds = max(after.at - before.at, 0.001)
    processes = [
        _process(before.processes.get(name), now, seconds) for name, now in after.processes.items()
    ]
    followers = [
        FollowerRates(
            follower=name,
            runs_in=now.runs_in,
            position=now.position,
            events_per_second=_rate(_position(before, name), now.position, seconds),
            lag_events=now.lag_events,
            lag_seconds=None if now.lag_seconds is None else round(now.lag_seconds, 1),
            halted=now.halted or None,
        )
        for name, now in after.followers.items()
    ]
    return Rates(
        seconds=round(seconds, 3),
        event_seq=after.event_seq,
        trading=_trading(before, after, seconds),
        processes=processes,
        followers=followers,
        sessions=_sessions(before, after),
    )


def _rate(before: int | None, after: int | None, seconds: float) -> float | None:
    if before is None or after is None or after < before:
        return None
    return round((after - before) / seconds, 1)


def _position(look: Look, name: str) -> int | None:
    return look.followers[name].position if name in look.followers else None


def _process(before: ProcessLook | None, now: ProcessLook, seconds: float) -> ProcessRates:
    cpu = None
    is_same = before is not None and before.pid == now.pid
    if before is not None and is_same and before.use is not None and now.use is not None:
        cpu = round(100 * (now.use.cpu_seconds - before.use.cpu_seconds) / seconds, 1)
    return ProcessRates(
        process=now.name,
        up=now.is_up,
        pid=now.pid,
        restarts=now.restarts,
        cpu_percent=cpu,
        resident_bytes=None if now.use is None else now.use.resident_bytes,
        open_files=None if now.use is None else now.use.open_files,
        trouble=why_not_healthy(now) or now.failing or None,
    )


def _trading(before: Look, after: Look, seconds: float) -> TradingRates:
    events = _rate(before.event_seq, after.event_seq, seconds)
    then, now = (_counts(look) for look in (before, after))
    if now is None or then is None or now.counts is None or then.counts is None:
        return TradingRates(events_per_second=events)
    values, passed = now.counts.values, _page_seconds(then, now)
    batch, sync, to_disk, to_report = (
        now.counts.spreads[name].since(then.counts.spreads[name])
        for name in ("batch", "sync", "to_disk", "to_report")
    )
    return TradingRates(
        events_per_second=events,
        commands_per_second=_rate(then.counts.values["records"], values["records"], passed),
        batch=round(batch.total / batch.count, 1) if batch.count else None,
        inbox_deepest=values["inbox_deepest"],
        sessions_on=values["sessions_on"],
        open_orders=values["open_orders"],
        sync=_quantiles(sync),
        to_disk=_quantiles(to_disk),
        to_report=_quantiles(to_report),
    )


def _counts(look: Look) -> ProcessLook | None:
    """Trading, if it shows its counts."""
    trading = look.processes.get(TRADING.name)
    return trading if trading is not None and trading.counts is not None else None


def _page_seconds(then: ProcessLook, now: ProcessLook) -> float:
    """Time between the two pages, which are shown once a second."""
    assert then.counts is not None and now.counts is not None
    return max((now.counts.beat_ns - then.counts.beat_ns) / 1e9, 0.001)


def _quantiles(spread: Spread) -> Quantiles | None:
    half, most = spread.quantile(0.5), spread.quantile(0.99)
    if half is None or most is None:
        return None
    return Quantiles(round(half / _NS_PER_MS, 3), round(most / _NS_PER_MS, 3))


def _sessions(before: Look, after: Look) -> list[SessionRates]:
    then, now = (_counts(look) for look in (before, after))
    if now is None or now.counts is None or then is None or then.counts is None:
        return []
    passed = _page_seconds(then, now)
    rows = []
    for session, count in now.counts.by["in"].items():
        came = _rate(then.counts.by["in"].get(session), count, passed)
        left = _rate(then.counts.by["out"].get(session), now.counts.by["out"][session], passed)
        unread = now.counts.by["unread"][session]
        rows.append(SessionRates(session=session, in_per_second=came or 0.0,
                                 out_per_second=left or 0.0, unread_bytes=unread))  # fmt: skip
    return sorted(rows, key=lambda row: -row.in_per_second)[:MOST_SESSIONS]
