"""An empty journal directory whose shown position goes away with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.journal.durable import forget_position


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "journal"
    path.mkdir()
    yield path
    forget_position(path)
