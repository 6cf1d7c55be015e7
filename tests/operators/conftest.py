"""A trading process whose admin socket a second Unix account may open."""

from collections.abc import Iterator

import pytest

from tests.running import RunningTrading
from tests.second_account import OPEN


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("operators"), *OPEN) as running:
        yield running
