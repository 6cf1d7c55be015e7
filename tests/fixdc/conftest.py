"""A journal that is written as far as a test wants, and the desk, for tests without a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.fixdc import core as core_module
from venue.fixdc import listener

from .desk import desk
from .venue_day import Journal

__all__ = ["desk"]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal") as journal:
        yield journal


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """TestRequests follow each other at once, places and wishes are looked at each time."""
    monkeypatch.setattr(listener, "PROOF_SECONDS", 0.0)
    monkeypatch.setattr(core_module, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(core_module, "REWIND_SECONDS", 0.0)
