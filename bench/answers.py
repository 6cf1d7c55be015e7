"""A measurement in a process of its own, which prints its answer as JSON."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any


def answer_of(
    argv: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None
) -> Any:
    """What the program prints. Raises RuntimeError with its last line where it fails.

    `environment` is added to ours.
    """
    surroundings = {**os.environ, **(environment or {})}
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=seconds, env=surroundings, check=False
    )
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(f"{' '.join(argv[:3])} failed: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)
