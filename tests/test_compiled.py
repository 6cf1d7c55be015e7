"""The compiled core says what its source says, and is taken only while it is of the source."""

import json
import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from compiling import compiled_modules, with_what_they_import
from venue import compiled_core
from venue.compiled_core import COMPILED, FOLDER, PURE, ROOT, SOURCES, VARIABLE, why_old


def flow(core: str) -> list[str]:
    """Which core it was, its digest, and whether assertions hold."""
    argv = [sys.executable, "-m", "tests.compiled_flow"]
    environment = {**os.environ, VARIABLE: core}
    return subprocess.check_output(argv, env=environment, text=True).split()


def test_core_is_compiled_of_this_source() -> None:
    assert why_old() is None, "make setup compiles it"


def test_compiled_core_says_what_its_source_says() -> None:
    compiled, pure = flow(""), flow(PURE)
    assert [compiled[0], pure[0]] == ["compiled", "pure"]
    assert compiled[1:] == pure[1:]
    assert compiled[2] == "True"


def test_hot_modules_are_found_in_the_folder() -> None:
    finder = compiled_core.CompiledModules(FOLDER)
    for name in ("venue.engine.engine", "venue.fix.decode", "venue__mypyc"):
        spec = finder.find_spec(name, None)
        assert spec is not None and str(spec.origin).startswith(str(FOLDER))
    assert finder.find_spec("venue.domain.commands", None) is None


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Two files, and what was noted when they were compiled."""
    for name in ("venue/a.py", "venue/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    noted = {
        "machine": compiled_core.machine(),
        "files": {n: compiled_core.digest_of(tmp_path / n) for n in ("venue/a.py", "venue/b.py")},
    }
    (tmp_path / SOURCES).write_text(json.dumps(noted))
    return tmp_path


def test_unchanged_source_is_taken_whenever_it_was_written(checkout: Path) -> None:
    os.utime(checkout / "venue/a.py", (1, 1))
    (checkout / "venue/c.py").write_text("the core does not know this one")
    assert why_old(checkout, checkout) is None


@pytest.mark.parametrize("change", ["edited", "removed"])
def test_changed_source_is_named(checkout: Path, change: str) -> None:
    file = checkout / "venue/b.py"
    if change == "edited":
        file.write_text(file.read_text() + " ")
    else:
        file.unlink()
    assert why_old(checkout, checkout) == "venue/b.py has changed since it was compiled"


def test_other_python_is_named(checkout: Path) -> None:
    noted = json.loads((checkout / SOURCES).read_text())
    (checkout / SOURCES).write_text(json.dumps({**noted, "machine": "cpython-27-pdp11"}))
    assert why_old(checkout, checkout) == "it was compiled for cpython-27-pdp11"


def test_folder_that_is_not_whole_is_not_taken(checkout: Path) -> None:
    (checkout / SOURCES).write_text("{")
    assert why_old(checkout, checkout) == f"{checkout.name}/{SOURCES} cannot be read"
    (checkout / SOURCES).unlink()
    assert why_old(checkout, checkout) == "it was not compiled: install the compiled wheel"
    (checkout / "Makefile").touch()
    assert why_old(checkout, checkout) == "it was not compiled: make setup"


def test_constants_that_are_compiled_in_are_watched() -> None:
    watched = with_what_they_import(compiled_modules())
    assert {"venue/domain/types.py", "venue/engine/engine.py", "venue/fix/tags.py"} <= watched
    assert all((ROOT / name).is_file() for name in watched)
    assert "venue/cli/main.py" not in watched


@pytest.mark.parametrize("core", ["", PURE, COMPILED])
def test_core_is_the_one_that_is_asked_for(core: str) -> None:
    ended = imported(core)
    assert (ended.returncode, ended.stdout) == (0, f"{core or COMPILED}\n")


def test_core_that_does_not_exist_is_refused() -> None:
    ended = imported("Pure")
    assert (ended.returncode, ended.stderr) == (2, "VENUE_CORE=Pure: say pure or compiled\n")


def imported(core: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", "from venue import compiled_core as c; print(c.core())"]
    environment = {**os.environ, VARIABLE: core}
    return subprocess.run(argv, env=environment, capture_output=True, text=True)


def test_source_of_a_core_that_is_installed_compiled_cannot_be_asked_for(tmp_path: Path) -> None:
    """As in a wheel: compiled modules beside the source, and no folder of them."""
    engine = tmp_path / "venue" / "engine"
    engine.mkdir(parents=True)
    for name in ("__init__.py", "compiled_core.py", "engine/__init__.py"):
        (tmp_path / "venue" / name).write_text((ROOT / "venue" / name).read_text())
    (engine / f"engine{EXTENSION_SUFFIXES[0]}").touch()
    done = subprocess.run(
        [sys.executable, "-c", "import venue"],
        env={**os.environ, VARIABLE: PURE, "PYTHONPATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "VENUE_CORE=pure: the core is installed compiled; a checkout has its source\n"
    )
