"""Limits know which of them are set."""

import pytest

from venue.risk.limits import LIMIT_NAMES, Limits

OF_POSITIONS = {"max_position", "max_gross_notional", "max_net_notional", "max_daily_loss"}


@pytest.mark.parametrize("name", LIMIT_NAMES)
def test_limits_know_whether_any_of_positions_is_set(name: str) -> None:
    limits = Limits()
    assert not limits.of_positions
    limits.set(name, "0")
    assert limits.of_positions == limits.copy().of_positions == (name in OF_POSITIONS)
    limits.set("max_position", "1")
    limits.set(name, None)
    assert limits.of_positions == limits.copy().of_positions == (name != "max_position")
