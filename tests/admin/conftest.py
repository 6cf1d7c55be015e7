"""A data directory in which an echo listens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.admin.serving import serving
from venue.admin.listener import Reply


def echo(request: dict[str, Any], reply: Reply, uid: int) -> None:
    """Answer with what was asked."""
    reply({"ok": True, "asked": request})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    """A data directory in which an echo listens."""
    with serving(tmp_path, echo):
        yield tmp_path
