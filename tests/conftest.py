"""For all tests: a venue's nats-server takes any free port; signals reach the processes they start,
also where they came in ignored; a test that configures logging does so for itself alone."""

import logging
import os
import signal
from collections.abc import Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

os.environ["VENUE_NATS__PORT"] = "0"
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
