"""How a running venue is, as one object: for `venue status --json`, and for operators by HTTP."""

from typing import Any

import msgspec

from venue.admin.answers import SnapshotPlace
from venue.clock import Clock
from venue.health import Health
from venue.servers.runtime import RuntimeInfo, metrics_addresses

_NS_PER_SECOND = 1_000_000_000


def health_told(found: Health, running: RuntimeInfo) -> dict[str, Any]:
    """The health as one object: trading's own, and what was found out beside it."""
    told: dict[str, Any] = {}
    if found.trading is not None:
        told = msgspec.to_builtins(found.trading)
        del told["ok"]
        if found.trading.last_snapshot is not None:
            told["last_snapshot"]["age_seconds"] = snapshot_age(found.trading.last_snapshot)
    told["event_seq"] = found.event_seq
    is_well = found.trading is not None and not found.troubles
    return {
        "ok": is_well,
        **told,
        "healthy": is_well,
        "fix": running.fix,
        "core": running.core,
        "processes": found.processes,
        "elsewhere": running.elsewhere,
        "servers": found.servers,
        "listeners": found.listeners,
        "disk": {"free_bytes": found.free_bytes, "stores": found.disk},
        "unreachable": found.unreachable,
        "metrics": metrics_addresses(running),
    }


def snapshot_age(last: SnapshotPlace) -> float:
    """Seconds since the state of the snapshot."""
    age_ns = Clock().now_ns() - last.timestamp_ns
    return round(max(age_ns, 0) / _NS_PER_SECOND, 1)
