"""The compiled core (`make compiled`) says what the interpreted one says; skipped without it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPILED = ROOT / ".compiled"

pytestmark = pytest.mark.skipif(not COMPILED.exists(), reason="make compiled has not been run")


def flow(*path: Path) -> list[str]:
    """Which core it was, its digest, and whether assertions hold."""
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": ":".join(map(str, path))}
    argv = [sys.executable, "-m", "tests.compiled_flow"]
    return subprocess.check_output(argv, env=environment, text=True).split()


def test_compiled_core_is_of_this_source() -> None:
    for source in (ROOT / "venue").rglob("*.py"):
        copy = COMPILED / source.relative_to(ROOT)
        assert copy.read_bytes() == source.read_bytes(), f"{copy} is old: run make compiled"


def test_compiled_core_says_what_the_interpreted_one_says() -> None:
    compiled, interpreted = flow(COMPILED, ROOT), flow(ROOT)
    assert [compiled[0], interpreted[0]] == ["compiled", "interpreted"]
    assert compiled[1:] == interpreted[1:]
    assert compiled[2] == "True"
