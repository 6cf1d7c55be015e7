"""A data directory with a real journal, written by a sequencer of this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sequencer.builders import Trading
from venue.cli import options
from venue.journal.durable import forget_position


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """That a busy machine is slow is not told in the middle of what a command says."""
    monkeypatch.setattr(options, "ANSWER_SECONDS", 60.0)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """An empty data directory whose shown position goes away with the test."""
    (tmp_path / "journal").mkdir()
    yield tmp_path
    forget_position(tmp_path / "journal")


@pytest.fixture
def trading(data_dir: Path) -> Iterator[Trading]:
    """Trading that has its journal there, ALPHA and BRAVO logged on; batches of 16 at most."""
    trading = Trading(data_dir / "journal", max_batch=16)
    for session in ("ALPHA", "BRAVO"):
        trading.log_on(session, cancels=False)
    trading.port.take()
    yield trading
    trading.writer.close()
