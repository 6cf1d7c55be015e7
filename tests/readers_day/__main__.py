"""The long day: python -m tests.readers_day [--kills 20] [--seed N]."""

import argparse
import tempfile
import time
from pathlib import Path

from .day import play


def main() -> None:
    """Play it, and say what it has come to."""
    parser = argparse.ArgumentParser(prog="python -m tests.readers_day", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each process")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="venue-readers-day-") as directory:
        told = play(Path(directory), arguments.kills, arguments.seed)
    kills = ", ".join(f"{name} {count}" for name, count in sorted(told.kills.items()))
    print(f"killed: {kills}")
    print(f"{told.breaks} connections lost; {told.checksums} checksums right; {told.copies} copies")


if __name__ == "__main__":
    main()
