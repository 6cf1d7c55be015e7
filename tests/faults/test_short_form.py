"""Kill -9 of everything under load; nothing is lost, nothing happens twice, all tell one story."""

from collections import Counter

import pytest

from tests.faults.conftest import EACH_POINT, SEED
from tests.faults.kills import NATS, POINTS, POSTGRES, TRADING
from tests.faults.planting import PLANTS, undetected
from tests.faults.round import Outcome
from venue import fault_points

pytestmark = pytest.mark.timeout(400)


def test_every_stop_point_belongs_to_some_process() -> None:
    points = {point for points in POINTS.values() for point in points}
    assert points == fault_points.POINTS


def test_no_invariant_is_broken_by_kills_at_every_stop_point_and_at_random(
    outcome: Outcome,
) -> None:
    assert outcome.violations == []
    done = Counter((killed.name, killed.kill.point) for killed in outcome.killed)
    asked = {(name, point) for name, points in POINTS.items() for point in points}
    assert {each for each in asked if done[each] < EACH_POINT} == set()
    assert done[TRADING, None] >= 4 and done[NATS, None] == 3 and done[POSTGRES, None] == 1


def test_load_was_one(outcome: Outcome) -> None:
    assert outcome.evidence is not None
    assert outcome.requests > 1000 and outcome.trades > 100
    clients = outcome.evidence.clients.values()
    assert sum(client.resent for client in clients) > 0
    assert all(len(client.logons_ns) > 5 for client in clients)


def test_checker_finds_every_planted_fault(outcome: Outcome) -> None:
    assert outcome.evidence is not None
    assert len(PLANTS) > 20
    assert undetected(outcome.evidence, SEED) == []
