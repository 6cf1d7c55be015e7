"""How long the files of tests take: one run notes it, later ones begin with the longest.

So no worker is left with a long file when the others have ended. `make test-seconds` notes anew.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

NOTED = Path(__file__).with_name("seconds.json")
LONG_SECONDS = 20.0
"""A file that takes at least so long, with another one beside it, is left out by --short."""
_LEAST_SECONDS = 1.0
"""A shorter file is not noted."""
_SECONDS_A_TEST = 0.02
"""Of files that are not noted: most of their tests are short."""


def scope_of(nodeid: str) -> str:
    """What one worker runs from its begin to its end: a file; of the fault harness all files.

    Those share their rounds.
    """
    path = nodeid.partition("::")[0]
    return "tests/faults" if path.startswith("tests/faults/") else path


def noted() -> dict[str, float]:
    """Seconds by scope."""
    found: dict[str, float] = json.loads(NOTED.read_text())
    return found


def longest(waiting: Mapping[str, Collection[str]], seconds: Mapping[str, float]) -> str:
    """The scope to begin with, of those that wait, with their tests."""
    return max(waiting, key=lambda scope: seconds.get(scope, len(waiting[scope]) * _SECONDS_A_TEST))


class Notes:
    """A plugin of pytest that notes what this run took; what it did not run stays as it was."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a set-up, a call or a tear-down."""
        self._seconds[scope_of(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        kept = noted() | {scope: round(seconds, 1) for scope, seconds in self._seconds.items()}
        long = {scope: seconds for scope, seconds in kept.items() if seconds >= _LEAST_SECONDS}
        order = sorted(long.items(), key=lambda each: (-each[1], each[0]))
        NOTED.write_text(json.dumps(dict(order), indent=1) + "\n")
