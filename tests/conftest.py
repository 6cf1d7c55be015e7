"""For all tests: a venue's servers beside trading take any free port, and none reconciles by
itself; signals reach the processes they start, also where they came in ignored; a test that
configures logging does so for itself. Python keeps its bytecode, whatever the environment says:
the hundreds of processes that tests start would each compile all that they import.

Tests run on the core that a venue has. Those marked `pure` change functions of the core or look at
its classes from inside, which only its source allows: test_pure_core.py runs them."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests import seconds
from venue import compiled_core

os.environ["VENUE_RECONCILE__SECONDS"] = "0"
for _server in ("NATS", "FIX_MARKETDATA", "FIX_DROPCOPY", "GATEWAY", "METRICS"):
    os.environ[f"VENUE_{_server}__PORT"] = "0"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class LongestFirst(LoadScopeScheduling):
    """Gives each worker the longest file that waits; see seconds.py."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self._seconds = seconds.noted()

    def _split_scope(self, nodeid: str) -> str:
        return seconds.scope_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = seconds.longest(self.workqueue, self._seconds)
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst:
    """With `--numprocesses`: how tests are given to workers."""
    return LongestFirst(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addoption("--note-seconds", action="store_true", help="Note how long each file takes.")
    parser.addoption("--short", action="store_true", help="Leave out the files that take long.")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; note how long files take, in the process that hears of all tests."""
    config.addinivalue_line("markers", "pure: runs on the source of the core, never compiled")
    if config.getoption("note_seconds") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(seconds.Notes())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests of the core's source to a run of their own, where the core is compiled.

    With --short leave out the files that take long, too.
    """
    if config.getoption("short"):
        long = {scope for scope, noted in seconds.noted().items() if noted >= seconds.LONG_SECONDS}
        left = [item for item in items if seconds.scope_of(item.nodeid) in long]
        items[:] = [item for item in items if seconds.scope_of(item.nodeid) not in long]
        config.hook.pytest_deselected(items=left)
    if compiled_core.core() == compiled_core.COMPILED:
        pure = [item for item in items if item.get_closest_marker("pure")]
        items[:] = [item for item in items if not item.get_closest_marker("pure")]
        config.hook.pytest_deselected(items=pure)


def pytest_collection_finish() -> None:
    """Tests and modules stay to the end: the garbage collector need not look at them any more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _left_open() -> Iterator[None]:
    """What a file leaves open fails that file, not the one in which the collector finds it."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
