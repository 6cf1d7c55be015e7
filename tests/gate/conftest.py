"""An authority for the module's certificates."""

import pytest

from tests.gate.running_gate import Authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()
