"""One trading process for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.running import RunningTrading


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    """A running trading process."""
    with RunningTrading(tmp_path_factory.mktemp("venue")) as running:
        yield running
