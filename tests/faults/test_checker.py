"""The checker: it finds every planted fault, and not one of its checks could be left out."""

import pytest

from tests.faults.checker import CHECKS, check
from tests.faults.conftest import ROUND_SECONDS, SEED
from tests.faults.planting import PLANTS, Planted, plant_all
from tests.faults.round import Outcome

pytestmark = pytest.mark.timeout(ROUND_SECONDS)


@pytest.fixture(scope="module")
def planted(supervised: Outcome) -> Planted:
    """Every fault planted into the evidence of the short supervised round."""
    assert supervised.evidence is not None
    assert list(check(supervised.evidence)) == []
    return plant_all(supervised.evidence, SEED)


def test_checker_finds_every_planted_fault(planted: Planted) -> None:
    assert planted.missed == []
    assert len(planted.found) == len(PLANTS) > 40


def test_any_check_left_out_would_let_a_planted_fault_through(planted: Planted) -> None:
    assert planted.idle_checks == []


def test_no_two_checks_or_plants_have_one_name() -> None:
    assert len({look.__name__ for look in CHECKS}) == len(CHECKS)
    assert len({plant.name for plant in PLANTS}) == len(PLANTS)
