"""What the checker must find before its silence means anything: every plant, by every check."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.faults.checker import CHECKS
from tests.faults.client_plants import CLIENT_PLANTS
from tests.faults.findings import Evidence
from tests.faults.follower_plants import FOLLOWER_PLANTS
from tests.faults.plant import Plant

PLANTS: tuple[Plant, ...] = (*CLIENT_PLANTS, *FOLLOWER_PLANTS)


class Planted(NamedTuple):
    """found: plant -> names of the checks that found it."""

    found: Mapping[Plant, set[str]]

    @property
    def missed(self) -> list[str]:
        """Plants that the check which has to find them does not."""
        return [plant.name for plant, found in self.found.items() if plant.check not in found]

    @property
    def idle_checks(self) -> list[str]:
        """Checks that could be left out: all plants would still be found."""
        alone = {name for found in self.found.values() if len(found) == 1 for name in found}
        return [check.__name__ for check in CHECKS if check.__name__ not in alone]


def plant_all(evidence: Evidence, seed: str) -> Planted:
    """Plant each fault into a copy of sound evidence, and see who finds it."""
    return Planted({plant: plant.found_by(evidence, seed) for plant in PLANTS})
