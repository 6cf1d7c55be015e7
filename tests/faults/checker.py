"""All checks of the fault tests in one table. What they do not name they did not find."""

from collections.abc import Iterator

from tests.faults.client_checks import CLIENT_CHECKS
from tests.faults.findings import Check, Evidence, Violation
from tests.faults.follower_checks import FOLLOWER_CHECKS
from tests.faults.order_checks import ORDER_CHECKS

CHECKS: tuple[Check, ...] = (*CLIENT_CHECKS, *ORDER_CHECKS, *FOLLOWER_CHECKS)


def check(evidence: Evidence) -> Iterator[Violation]:
    """All violations, one after the other."""
    for look in CHECKS:
        yield from look(evidence)
