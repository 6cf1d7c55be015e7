"""For all tests: a venue's servers beside trading take any free port, and none reconciles by
itself; signals reach the processes they start, also where they came in ignored; a test that
configures logging does so for itself. Python keeps its bytecode, whatever the environment says:
the hundreds of processes that tests start would each compile all that they import.

Tests run on the core that a venue has. Those marked `pure` change functions of the core or look at
its classes from inside, which only its source allows: test_pure_core.py runs them."""

import logging
import os
import signal
import sys
from collections.abc import Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from venue import compiled_core

os.environ["VENUE_RECONCILE__SECONDS"] = "0"
for _server in ("NATS", "FIX_MARKETDATA", "FIX_DROPCOPY"):
    os.environ[f"VENUE_{_server}__PORT"] = "0"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class FileByFile(LoadScopeScheduling):
    """Gives a file to one worker; those of the fault harness, which share their rounds, to one."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "tests/faults" if path.startswith("tests/faults/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile:
    """With `--numprocesses`: how tests are given to workers."""
    return FileByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "pure: runs on the source of the core, never compiled")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests of the core's source to a run of their own, where the core is compiled."""
    if compiled_core.core() == compiled_core.COMPILED:
        pure = [item for item in items if item.get_closest_marker("pure")]
        items[:] = [item for item in items if not item.get_closest_marker("pure")]
        config.hook.pytest_deselected(items=pure)


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
