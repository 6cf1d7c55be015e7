"""A core with two sessions on."""

import pytest

from tests.fixmd.desk import ALPHA, BRAVO, Desk


@pytest.fixture
def desk() -> Desk:
    """A core with two sessions on; BRAVO-MD has the venue dialect."""
    made = Desk("ACME", "GLOBEX", venue_dialect=(BRAVO,))
    made.log_on(ALPHA)
    made.log_on(BRAVO)
    return made
