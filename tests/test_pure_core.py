"""The tests that only the source of the core allows, where the others run on the compiled core."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from venue import compiled_core

MARK = "pytest.mark.pure"


@pytest.mark.skipif(
    compiled_core.core() == compiled_core.PURE, reason="all tests run on the source of the core"
)
@pytest.mark.timeout(900)
def test_tests_that_only_the_source_allows() -> None:
    tests = Path(__file__).parent
    files = [str(file) for file in tests.rglob("test_*.py") if MARK in file.read_text()]
    files.remove(__file__)
    argv = [sys.executable, "-m", "pytest", "-m", "pure", "-n", "0", *files]
    environment = {**os.environ, compiled_core.VARIABLE: compiled_core.PURE}
    ended = subprocess.run(argv, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr
