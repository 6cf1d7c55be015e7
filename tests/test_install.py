"""The set-up installs what is locked and nothing else, and compiles as told.

Against a folder that plays the package index: no other release, and no made-up QuickFIX, is seen.
"""

import hashlib
import io
import os
import re
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import install

CORES = len(os.sched_getaffinity(0))
SETUP = """
from glob import glob
from setuptools import Extension, setup
sources = sorted(glob("C++/*.cpp"))
setup(name="quickfix", version="1", ext_modules=[
    Extension("_quickfix", sources, include_dirs=["C++"], extra_compile_args=["-std=c++17"])])
"""
MODULE = """
#include "config.h"
#include <Python.h>
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "_quickfix"};
PyMODINIT_FUNC PyInit__quickfix() { int number(); number(); return PyModule_Create(&module); }
"""
SOURCES = {
    "setup.py": SETUP,
    "PKG-INFO": "Metadata-Version: 2.1\nName: quickfix\nVersion: 1\n",
    "C++/config.h": "#define ANSWER 42\n",
    "C++/QuickfixPython.cpp": MODULE,
    "C++/Number.cpp": '#include "config.h"\nint number() { return ANSWER; }\n',
    "C++/Other.cpp": '#include "config.h"\n',
}
COMPILER = """#!/bin/sh
sources=$PWD; cd {folder} || exit 1
echo "$@" >> compiled
if [ {cores} -gt 1 ]; then  # the first two can only end together
    if mkdir first 2>/dev/null; then timeout 60 cat meeting || exit 1
    elif mkdir second 2>/dev/null; then timeout 60 tee meeting </dev/null || exit 1
    fi
fi
cd "$sources" || exit 1
exec g++ "$@"
"""


class Index:
    """A folder of releases, a lock file, and a compiler that writes down what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target = folder / "target"
        self.lock = folder / "requirements.lock"
        self.compiler = folder / "compiler"
        self.compiler.write_text(COMPILER.format(folder=folder, cores=CORES))
        self.compiler.chmod(0o700)
        os.mkfifo(folder / "meeting")

    def compiled(self) -> list[str]:
        """Command lines of all compilations, without those that link."""
        path = self.folder / "compiled"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if " -c " in line]

    def add_wheel(self, name: str, version: str, requires: str = "") -> Path:
        info = f"{name}-{version}.dist-info"
        path = self.folder / f"{name}-{version}-py3-none-any.whl"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        if requires:
            metadata += f"Requires-Dist: {requires}\nProvides-Extra: toml\n"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"{name}.py", f"version = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", metadata)
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        return path

    def add_quickfix(self, changed: dict[str, str] | None = None) -> Path:
        path = self.folder / "quickfix-1.tar.gz"
        with tarfile.open(path, "w:gz") as sdist:
            for name, text in {**SOURCES, **(changed or {})}.items():
                member = tarfile.TarInfo(f"quickfix-1/{name}")
                member.size = len(text)
                sdist.addfile(member, io.BytesIO(text.encode()))
        return path

    def write_lock(self, *releases: Path) -> None:
        lines = []
        for path in releases:
            name, version = re.findall(r"^(\w+)-(\d+)", path.name)[0]
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{name}=={version} \\\n    --hash=sha256:{digest}\n    # via venue\n")
        self.lock.write_text("".join(lines))

    def installed(self) -> set[str]:
        return {path.name for path in self.target.glob("*.dist-info")}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    index = Index(tmp_path)
    monkeypatch.setattr(install, "PYTHON", Path(sys.executable))
    for name in ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "PIP_CONSTRAINT", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "CXX": index.compiler,
        "PIP_CACHE_DIR": tmp_path / "cache",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": tmp_path,
        "PIP_NO_INDEX": "1",
        "PIP_TARGET": index.target,
    }.items():
        monkeypatch.setenv(name, str(value))
    return index


def test_later_release_of_what_an_extra_is_asked_of_breaks_nothing(index: Index) -> None:
    locked = [index.add_wheel("top", "1", "middle[toml]>=1"), index.add_wheel("middle", "1")]
    index.add_wheel("middle", "2")
    index.write_lock(*locked, index.add_quickfix())
    install.install_locked(index.lock)
    assert index.installed() == {
        "top-1.dist-info",
        "middle-1.dist-info",
        "quickfix-1.dist-info",
    }


@pytest.mark.parametrize("flags", ["", "-g -O1"])
def test_quickfix_is_compiled_without_debug_information_and_optimised_as_without_us(
    flags: str, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    if flags:
        monkeypatch.setenv("CXXFLAGS", flags)
    index.write_lock(index.add_wheel("top", "1"), index.add_quickfix())
    install.install_locked(index.lock)
    lines = index.compiled()
    assert sorted(re.findall(r"(\w+)\.cpp -o", "\n".join(lines))) == [
        "Number",
        "Other",
        "QuickfixPython",
    ]
    assert {re.findall(r" -g\w*", line)[-1] for line in lines} == {" -g0"}
    wanted = re.findall(r"-O\w*", flags or sysconfig.get_config_var("CFLAGS"))
    assert {tuple(re.findall(r" (-O\w*)", line)) for line in lines} == {tuple(wanted)}


def test_second_set_up_takes_quickfix_from_the_cache(index: Index) -> None:
    index.write_lock(index.add_wheel("top", "1"), index.add_quickfix())
    install.install_locked(index.lock)
    first = index.compiled()
    install.install_locked(index.lock)
    assert index.compiled() == first != []


def test_changed_source_is_refused_before_it_is_built(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    index.write_lock(index.add_wheel("top", "1"), index.add_quickfix())
    index.add_quickfix({"setup.py": "raise SystemExit('this has run')"})
    with pytest.raises(SystemExit) as refusal:
        install.install_locked(index.lock)
    assert refusal.value.code == 1
    assert "DO NOT MATCH THE HASHES" in capsys.readouterr().err
    assert index.compiled() == []


@pytest.mark.parametrize("faulty", ["QuickfixPython", "Number"])
def test_compiler_error_ends_the_set_up_and_is_shown(
    faulty: str, index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = index.add_quickfix({f"C++/{faulty}.cpp": SOURCES[f"C++/{faulty}.cpp"] + "?\n"})
    index.write_lock(index.add_wheel("top", "1"), broken)
    with pytest.raises(SystemExit) as refusal:
        install.install_locked(index.lock)
    assert refusal.value.code == 1
    assert re.search(rf"{faulty}\.cpp:\d+:1: error: ", capsys.readouterr().err)
    assert index.installed() == {"top-1.dist-info"}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    locks = {name: tmp_path / f"{name}.lock" for name in install.LOCKS}
    for path in (*locks.values(), tmp_path / "pyproject.toml"):
        path.write_text("as it was")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "LOCKS", locks)
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed")
    return tmp_path


def test_nothing_is_installed_at_first(checkout: Path) -> None:
    assert not install.is_installed("run")
    assert not install.is_installed("all")


def test_what_tests_need_holds_what_running_needs_but_not_the_other_way(checkout: Path) -> None:
    install.STAMP.write_text(install.stamp("run"))
    assert (install.is_installed("run"), install.is_installed("all")) == (True, False)
    install.STAMP.write_text(install.stamp("all"))
    assert (install.is_installed("run"), install.is_installed("all")) == (True, True)


@pytest.mark.parametrize("file", ["run.lock", "all.lock", "pyproject.toml"])
def test_changed_file_is_installed_anew(file: str, checkout: Path) -> None:
    install.STAMP.write_text(install.stamp("all"))
    (checkout / file).write_text("changed")
    assert not install.is_installed("run")
    assert not install.is_installed("all")


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose only process is `venue.one`, and which has no command."""
    package = tmp_path / "venue"
    (package / "cli").mkdir(parents=True)
    for name in ("__init__.py", "cli/__init__.py", "one.py"):
        (package / name).touch()
    (package / "cli" / "command_table.py").write_text("COMMANDS = {}\n")
    processes = "class ONE:\n    module = 'venue.one'\nBY_NAME = {'one': ONE}\n"
    (package / "processes.py").write_text(processes)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "PYTHON", Path(sys.executable))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    return package


def test_bytecode_is_kept_where_the_environment_says_that_none_is_written(importable: Path) -> None:
    install.write_bytecode()
    assert len(list(importable.glob("__pycache__/one.*.pyc"))) == 1


def test_venue_that_cannot_be_imported_ends_the_set_up(importable: Path) -> None:
    (importable / "one.py").write_text("import no_such_module\n")
    with pytest.raises(SystemExit) as refusal:
        install.write_bytecode()
    assert refusal.value.code == 1


def test_set_up_that_was_made_by_another_install_is_made_anew(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.STAMP.write_text(install.stamp("all"))
    other = checkout / "install.py"
    other.write_text("what it does has changed")
    monkeypatch.setattr(install, "__file__", str(other))
    assert not install.is_installed("all")
