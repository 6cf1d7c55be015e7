"""For all tests: signals reach the processes they start, also where they came in ignored; a test
that configures logging does so for itself alone; of two workers one has all that starts servers."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TESTS = Path(__file__).parent
PURE = {"book", "domain", "engine", "journal", "risk", "spec"}
"""Rooms whose tests only calculate: they may run beside one that looks at the clock."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each file of a pure room to any worker, and all other files to the same one."""
    for item in items:
        path = item.path.relative_to(TESTS)
        group = str(path) if path.parts[0] in PURE else "one after the other"
        item.add_marker(pytest.mark.xdist_group(group))


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
