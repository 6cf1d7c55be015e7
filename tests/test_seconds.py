"""Longest files first: what is noted is of files that exist, and says what a worker gets next."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import seconds
from tests.seconds import Notes, longest, noted, scope_of

ROOT = Path(__file__).resolve().parent.parent


def test_what_is_noted_exists_and_begins_with_the_longest() -> None:
    assert all((ROOT / scope).exists() for scope in noted()), "note them anew: make test-seconds"
    assert list(noted().values()) == sorted(noted().values(), reverse=True)


def test_fault_harness_is_one_scope_and_every_other_file_its_own() -> None:
    assert scope_of("tests/faults/test_damage.py::test_a[x::y]") == "tests/faults"
    assert scope_of("tests/fix/test_door.py::test_b") == "tests/fix/test_door.py"


def test_longest_is_taken_first_and_many_tests_count_where_nothing_is_noted() -> None:
    waiting = {"short.py": ["a"], "unknown.py": ["b"] * 1000, "long.py": ["c"]}
    known = {"short.py": 2.0, "long.py": 30.0}
    order = []
    while waiting:
        order.append(longest(waiting, known))
        del waiting[order[-1]]
    assert order == ["long.py", "unknown.py", "short.py"]


def test_short_form_leaves_out_what_takes_long() -> None:
    command = [sys.executable, "-m", "pytest", "--short", "--collect-only", "-q", "tests/fix"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = {line.partition(":")[0] for line in told.splitlines() if ".py:" in line}
    long = {scope for scope, taken in noted().items() if taken >= seconds.LONG_SECONDS}
    assert "tests/fix/test_frame.py" in files
    assert "tests/fix/test_door.py" in long and not files & long


def _report(nodeid: str, duration: float) -> pytest.TestReport:
    where = ("f.py", 1, "")
    return pytest.TestReport(nodeid, where, {}, "passed", None, "call", duration=duration)


def test_run_notes_what_it_took_and_keeps_what_it_did_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "seconds.json"
    file.write_text(json.dumps({"a.py": 9.0, "b.py": 8.0}))
    monkeypatch.setattr(seconds, "NOTED", file)
    notes = Notes()
    for nodeid, duration in (("b.py::x", 10.0), ("b.py::y", 2.5), ("c.py::z", 0.1)):
        notes.pytest_runtest_logreport(_report(nodeid, duration))
    notes.pytest_sessionfinish()
    assert list(noted().items()) == [("b.py", 12.5), ("a.py", 9.0)]
