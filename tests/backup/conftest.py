"""A data directory of a venue that was stopped after some orders, and backups of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_message import new_order
from tests.running import RunningTrading


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Read only: the tests of a module share it."""
    data_dir = tmp_path_factory.mktemp("stopped") / "data"
    with RunningTrading(data_dir) as running:
        alpha = running.client("ALPHA")
        alpha.logon(extra=[(9001, "N")])
        for number in range(5):
            alpha.send("D", new_order(f"A{number}", "1", "5", "99.00"))
            alpha.expect_report(f"A{number}", "0")
        alpha.logout()
        assert running.stop() == 0
        yield data_dir
