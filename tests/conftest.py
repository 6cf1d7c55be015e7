"""For all tests: signals reach the processes they start, also where they came in ignored; a test
that configures logging does so for itself alone; of two workers one has all that starts servers."""

import logging
import signal
from collections.abc import Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

PURE = {"book", "domain", "engine", "journal", "risk", "spec"}
"""Rooms whose tests only calculate: they may run beside one that looks at the clock."""


class ServersTogether(LoadScopeScheduling):
    """Gives each file of a pure room to any worker, and all other files to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path.split("/")[1] in PURE else "one after the other"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ServersTogether:
    """With `--numprocesses`: how tests are given to workers."""
    return ServersTogether(config, log)


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
