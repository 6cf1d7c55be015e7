"""A fault planted into sound evidence, and which checks find it."""

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.faults.checker import CHECKS
from tests.faults.findings import Evidence

Change = Callable[[Evidence, random.Random], Evidence]


class Plant(NamedTuple):
    """A way to spoil evidence, and the name of the check that has to find it."""

    name: str
    check: str
    change: Change

    def found_by(self, evidence: Evidence, seed: str) -> set[str]:
        """Names of the checks that find it in a copy of this evidence."""
        spoiled = self.change(evidence, random.Random(f"{seed}/{self.name}"))
        return {look.__name__ for look in CHECKS if next(look(spoiled), None) is not None}
