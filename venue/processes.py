"""The table of a venue's processes: what each one does, what it needs, and where its `run` is.

A new sink is one entry here and one module with `run` and `follow`. Knows names only; a process
imports what it needs when it runs.
"""

from collections.abc import Collection
from typing import Literal, NamedTuple

CONSUMER_NICE = 19
"""Niceness of the consumers: trading, and the way to it, come first."""


class Process(NamedTuple):
    """module: has `run(settings, needs)`, a coroutine function where `is_async`.

    needs: names of URLs, which the settings or the running venue have. asks: those that it is told
    and does without, for what is hardly ever asked there. stop_rank: processes of the
    lowest rank are stopped first, those of one rank together. follows: it has a position of its own
    in the journal's events. hosts: the processes that it runs inside itself. serves: the kind of
    FIX sessions that log on at its own port; it runs where there are any. traces: it gives spans
    of orders, with [tracing] enabled.
    """

    name: str
    does: str
    module: str
    needs: tuple[str, ...] = ("nats_url",)
    asks: tuple[str, ...] = ()
    nice: int = CONSUMER_NICE
    stop_rank: int = 2
    stop_seconds: float = 5.0
    is_async: bool = True
    follows: bool = True
    hosts: tuple[str, ...] = ()
    serves: Literal["", "marketdata", "dropcopy"] = ""
    traces: bool = False

    def is_told(self, url: str) -> bool:
        """Whether it is given that URL, by its setting."""
        return url in self.needs or url in self.asks


TRADING = Process(
    "trading",
    "FIX sessions, sequencer, engine, journal, admin socket; one thread",
    "venue.app",
    needs=(),
    asks=("nats_url", "database_reader_url"),
    nice=0,
    stop_rank=0,
    stop_seconds=15.0,
    is_async=False,
    follows=False,
)
GATE = Process(
    "gate",
    "connections from outside, by TLS, to where FIX sessions log on; where [gate] is configured",
    "venue.gate.gate",
    needs=(),
    nice=0,
    is_async=False,
    follows=False,
)
PUBLISHER = Process(
    "publisher",
    "journal to JetStream, in order, once",
    "venue.bus.publisher",
    nice=10,
    stop_rank=1,
    traces=True,
)
SINKS = (
    Process(
        "clearing",
        "events to the ledger, position in the same transaction",
        "venue.clearing.worker",
        needs=("nats_url", "database_url", "database_owner_url"),
        traces=True,
    ),
    Process(
        "audit",
        "events to `audit/trail.jsonl`, chained and signed",
        "venue.audit.worker",
        traces=True,
    ),
    Process(
        "marketdata",
        "events to books order by order, depth, trades, bars, statistics; gives snapshots",
        "venue.marketdata.worker",
        traces=True,
    ),
    Process(
        "dropcopy",
        "events to one stream of executions for each member, `drop.<member>.*`",
        "venue.dropcopy.worker",
        traces=True,
    ),
    Process(
        "notifier",
        "events to alerts and confirmations, delivered where each member chose",
        "venue.notify.worker",
        traces=True,
    ),
)
"""What consumes the stream of events. The module of each also has `follow(settings, stop, shared,
*needs)`, by which FOLLOWERS runs it."""
FOLLOWERS = Process(
    "followers",
    "hosts clearing, audit, marketdata, dropcopy and notifier, which share one pull and one decode",
    "venue.followers",
    needs=("nats_url", "database_url", "database_owner_url"),
    follows=False,
    hosts=tuple(sink.name for sink in SINKS),
    traces=True,
)
REPLICA = Process(
    "replica",
    "executes the journal again as it is written, compares every event, takes the snapshots",
    "venue.replay.replica_process",
    is_async=False,
)
FIX_DROPCOPY = Process(
    "fix-dropcopy",
    "drop copies over FIX, from the journal; positions, from the ledger; for sessions of that kind",
    "venue.fixdc.process",
    needs=(),
    asks=("database_reader_url",),
    nice=10,
    stop_rank=1,  # before the gate, through which its logouts go
    serves="dropcopy",
)
FIX_MARKETDATA = Process(
    "fix-marketdata",
    "market data over FIX, at a port of its own; where sessions of that kind are configured",
    "venue.fixmd.process",
    nice=10,
    stop_rank=1,
    serves="marketdata",
)
GATEWAY = Process(
    "gateway",
    "REST over HTTP for people without a FIX engine; where [gateway] is enabled",
    "venue.gateway.process",
    needs=("nats_url", "database_reader_url"),
    nice=0,
    stop_rank=1,
    follows=False,
    traces=True,
)
RECONCILER = Process(
    "reconciler",
    "compares journal, stream, drop copies, ledger, trail, funds and sessions, again and again",
    "venue.reconcile.worker",
    needs=("nats_url", "database_reader_url"),
    stop_rank=1,
    follows=False,
)
METRICS = Process(
    "metrics",
    "counters and health of every process, each at a port of its own; where [metrics] is enabled",
    "venue.metrics.process",
    needs=(),
    asks=("database_reader_url",),
    follows=False,
)
TRACER = Process(
    "tracer",
    "spans of what trading has done, from the journal; where [tracing] is enabled",
    "venue.tracer.process",
    needs=(),
    follows=False,
    traces=True,
)
DATA_PROCESSES = (FIX_MARKETDATA, FIX_DROPCOPY)
"""Those at whose ports FIX sessions other than trading's log on."""
PROCESSES = (TRADING, PUBLISHER, *SINKS, REPLICA)
"""The parts of every venue, in the order in which they are shown."""
NAMES = tuple(process.name for process in PROCESSES)
BEHIND_THE_GATE: dict[str, Process] = {
    process.serves or "trading": process for process in (TRADING, *DATA_PROCESSES)
}
"""The process at whose port sessions log on, by their kind."""
_BESIDE = (FOLLOWERS, GATE, GATEWAY, RECONCILER, METRICS, TRACER, *DATA_PROCESSES)
BY_NAME = {process.name: process for process in (*PROCESSES, *_BESIDE)}

ENDPOINTS = (
    METRICS.name, TRADING.name, PUBLISHER.name, FOLLOWERS.name, REPLICA.name, GATE.name,
    FIX_DROPCOPY.name, FIX_MARKETDATA.name, GATEWAY.name, RECONCILER.name,
    *(sink.name for sink in SINKS), TRACER.name,
)  # fmt: skip
"""Whose metrics are at which port behind the first one. A new process comes last: ports stay."""


def started(*, together: bool, elsewhere: Collection[str] = ()) -> tuple[Process, ...]:
    """The processes that `venue run` starts. together: FOLLOWERS hosts the sinks.

    elsewhere: sinks that run apart from it, and are started there.
    """
    here = sinks_here(elsewhere)
    hosting = (FOLLOWERS._replace(hosts=tuple(sink.name for sink in here)),) if here else ()
    return (TRADING, PUBLISHER, *(hosting if together else here), REPLICA)


def sinks_here(elsewhere: Collection[str]) -> tuple[Process, ...]:
    """The sinks that run beside trading."""
    return tuple(sink for sink in SINKS if sink.name not in elsewhere)
