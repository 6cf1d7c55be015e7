"""How long and how often to measure: in full, or quickly to see that it works."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """Seconds and runs of each section. directory: on the disk that is to be measured."""

    directory: Path
    closed_seconds: float = 12.0
    closed_runs: int = 3
    open_seconds: float = 60.0
    open_runs: int = 5
    long_seconds: float = 300.0
    steady_seconds: float = 600.0
    beside_seconds: float = 30.0
    picture_seconds: float = 15.0
    warm_up_seconds: float = 5.0
    engine_commands: int = 100_000
    engine_runs: int = 3
    recovery_seconds: float = 10.0
    resting_orders: tuple[int, ...] = (1000, 100_000, 1_000_000)
    instruments: tuple[int, ...] = (1, 100, 10_000)
    members: tuple[int, ...] = (1000, 10_000, 100_000)

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """An empty directory for one venue, removed afterwards."""
        with tempfile.TemporaryDirectory(
            prefix=f"venue-bench-{name}-", dir=self.directory, ignore_cleanup_errors=True
        ) as path:
            yield Path(path)


def quick(directory: Path) -> Options:
    """Enough to see that everything works; the figures mean little."""
    return Options(
        directory,
        closed_seconds=3.0,
        closed_runs=1,
        open_seconds=5.0,
        open_runs=2,
        long_seconds=10.0,
        steady_seconds=20.0,
        beside_seconds=5.0,
        picture_seconds=2.0,
        warm_up_seconds=1.0,
        engine_commands=10_000,
        engine_runs=1,
        recovery_seconds=3.0,
        resting_orders=(1000, 10_000, 100_000),
        instruments=(1, 100, 1000),
        members=(100, 1000, 10_000),
    )
