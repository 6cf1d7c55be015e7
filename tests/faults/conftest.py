"""The short forms of the fault run, each done once for all tests that judge it.

With VENUE_PROCESSES__FOLLOWERS=apart each sink is a process, and is killed alone.
"""

from pathlib import Path

import pytest

from tests.faults.kills import CLEARING, FOLLOWERS, NATS, POSTGRES, TRADING, Share
from tests.faults.processes import are_together
from tests.faults.round import Outcome, play, play_supervised
from venue.processes import started

ROUND_SECONDS = 900
"""A round has shorter limits of its own, which say who waits for what; this one only says where."""
SEED = "short"
EACH_POINT = 2
STOPS = 1
ACTS = ("trading", "refused", "supervisor", "copy", "strangers", "stopped", "whole")
RATE = 100
"""Requests a second of the supervised round: every plant is checked in its evidence."""


@pytest.fixture(scope="package")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One round under load: two kills at each stop point, some more of everything at random."""
    together = are_together()
    at_random = {process.name: 1 for process in started(together=together)}
    at_random |= {TRADING: 3, FOLLOWERS if together else CLEARING: 3, NATS: 3, POSTGRES: 1}
    directory: Path = tmp_path_factory.mktemp("faults") / "round"
    return play(directory, SEED, Share(at_random, EACH_POINT, STOPS))


@pytest.fixture(scope="package")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One round of `venue run` under load: each act once."""
    directory: Path = tmp_path_factory.mktemp("faults") / "supervised"
    return play_supervised(directory, SEED, ACTS, RATE)
