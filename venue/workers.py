"""Runs one of the processes beside trading, to an exit status.

A process imports only what it needs. All run until SIGTERM or SIGINT. One that ends by an exception
has reported it to the operator before.
"""

import asyncio
import gc
import importlib

import structlog
import uvloop

from venue.bus.parking import Parking
from venue.data_directory import DataDirectory
from venue.heartbeat import beating
from venue.processes import Process
from venue.settings.settings import Settings
from venue.tracing.export import giving_spans

EXIT_OK, EXIT_FAILED = 0, 1
_GC_THRESHOLDS = (50_000, 20, 100)
"""As in trading: objects here live long, and the collector does not track events."""

_log = structlog.get_logger()


def run_process(process: Process, settings: Settings, *needs: str) -> int:
    """Run a process until it is asked to stop. needs: the URLs that it needs, in its order."""
    gc.set_threshold(*_GC_THRESHOLDS)
    if process.traces:
        with giving_spans(settings.tracing, DataDirectory(settings.data_dir).journal):
            return _run(process, settings, *needs)
    return _run(process, settings, *needs)


def _run(process: Process, settings: Settings, *needs: str) -> int:
    try:
        run = importlib.import_module(process.module).run
        if process.is_async:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(beating(settings, process.name, run(settings, *needs)))
            return EXIT_OK
        return int(run(settings, *needs))
    except Exception as error:
        is_sink = process.follows and not process.serves
        followers = process.hosts or ((process.name,) if is_sink else ())
        if not followers:
            raise
        # its supervisor starts it again, ever more slowly
        _log.error("process_failed", name=process.name, exc_info=error)
        why = f"the process ended: {error or repr(error)}"
        for name in followers:
            asyncio.run(Parking(name, needs[0], settings.data_dir).ended(why))
        return EXIT_FAILED
