"""Which core runs: `.compiled` while it is of the present source, else the source (decision 0028).

Importing `venue` asks here, before anything else: standard library only. An installed wheel needs
none of this. VENUE_CORE=pure leaves `.compiled` alone, and refuses to run where the modules are
compiled themselves, as in a wheel; VENUE_CORE=compiled refuses to run without.
"""

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".compiled"
SOURCES = "sources.json"
VARIABLE = "VENUE_CORE"
PURE = "pure"
COMPILED = "compiled"
_HEART = "venue.engine.engine"


class CompiledModules(MetaPathFinder):
    """Finds the modules of a folder, by their full names, before their source is found."""

    def __init__(self, folder: Path) -> None:
        suffix = EXTENSION_SUFFIXES[0]
        self._files = {
            str(file.relative_to(folder)).removesuffix(suffix).replace(os.sep, "."): file
            for file in folder.rglob(f"*{suffix}")
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As MetaPathFinder's."""
        file = self._files.get(fullname)
        return None if file is None else spec_from_file_location(fullname, file)


def use() -> None:
    """Let this process import the compiled modules, if they are of the present source.

    Ends the process with status 2 if VENUE_CORE asks for what is not there.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", PURE, COMPILED):
        _refuse(f"{VARIABLE}={wanted}: say {PURE} or {COMPILED}")
    if wanted != PURE and FOLDER.is_dir() and why_old() is None:
        sys.meta_path.insert(0, CompiledModules(FOLDER))
    if wanted == PURE and core() == COMPILED:
        _refuse(f"{VARIABLE}={PURE}: the core is installed compiled; a checkout has its source")
    if wanted == COMPILED and (why := why_pure()):
        _refuse(f"{VARIABLE}={COMPILED}: {why}")


def core() -> str:
    """Which core this process runs, as the ready line and `venue status` say it."""
    spec = find_spec(_HEART)
    assert spec is not None and spec.origin is not None, f"there is no {_HEART}"
    return COMPILED if spec.origin.endswith(tuple(EXTENSION_SUFFIXES)) else PURE


def how_to_compile(root: Path = ROOT) -> str:
    """What has to be done for a compiled core: in a checkout, or where a wheel was installed."""
    return "make setup" if (root / "Makefile").is_file() else "install the compiled wheel"


def why_pure() -> str | None:
    """Why this process runs the source of a core that could be compiled; None if it does not."""
    if core() == COMPILED:
        return None
    if os.environ.get(VARIABLE) == PURE:
        return f"{VARIABLE}={PURE}"
    return why_old() or f"{_HEART} was not compiled"


def why_old(folder: Path = FOLDER, root: Path = ROOT) -> str | None:
    """What has changed since the folder was compiled, or that it is not there; None if nothing."""
    try:
        noted = json.loads((folder / SOURCES).read_text())
    except FileNotFoundError:
        return f"it was not compiled: {how_to_compile(root)}"
    except ValueError:
        return f"{folder.name}/{SOURCES} cannot be read"
    if noted["machine"] != machine():
        return f"it was compiled for {noted['machine']}"
    for name, digest in noted["files"].items():
        if digest_of(root / name) != digest:
            return f"{name} has changed since it was compiled"
    return None


def note_sources(names: Iterable[str]) -> dict[str, object]:
    """What `sources.json` says when these files of the checkout are compiled: SHA-256 of each."""
    files = {name: digest_of(ROOT / name) for name in sorted(names)}
    return {"machine": machine(), "files": files}


def machine() -> str:
    """Python and processor for which a module is compiled."""
    return str(sysconfig.get_config_var("SOABI"))


def digest_of(file: Path) -> str:
    """SHA-256 of a file; of nothing if there is none."""
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


def _refuse(why: str) -> None:
    sys.stderr.write(f"{why}\n")
    raise SystemExit(2)
