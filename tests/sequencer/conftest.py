"""An empty journal directory whose shown position goes away with the test, and trading on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.journal.durable import forget_position

from .builders import Trading


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "journal"
    path.mkdir()
    yield path
    forget_position(path)


@pytest.fixture
def trading(directory: Path) -> Iterator[Trading]:
    """Trading with ALPHA and BRAVO logged on."""
    trading = Trading(directory)
    trading.log_on("ALPHA")
    trading.log_on("BRAVO")
    trading.port.take()
    yield trading
    trading.writer.close()
