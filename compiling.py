"""The core compiled by mypyc: `python compiling.py` makes `.compiled`, setup.py compiled wheels.

A module stays interpreted when it holds what mypyc compiles into something else: a class with
keywords or of a foreign base loses its keywords without a word, and a generator dropped half-way
does not run its `finally`. A slice of bytes that begins behind their end raises SystemError there:
what reads hostile bytes stays interpreted. See docs/decisions/0028.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
WORK = Path("build", "compiled")
"""Where C code and object files are written; anew each time."""

PATTERNS = (
    "venue/domain/*.py",
    "venue/risk/*.py",
    "venue/book/*.py",
    "venue/engine/*.py",
    "venue/engine/*/*.py",
    "venue/fix/decode.py",
    "venue/fix/encode.py",
    "venue/fix/fields.py",
    "venue/fix/groups.py",
    "venue/fix/names.py",
    "venue/fix/order_fields.py",
    "venue/fix/report_text.py",
    "venue/fix/routing.py",
    "venue/sequencer/loop.py",
    "venue/replay/rerun.py",
    "venue/sequencer/sequencer.py",
    "venue/clock.py",
)
CONSTANTS = {"venue/domain/types.py"}
"""Classes of plain constants, which mypyc takes for attributes of their objects."""
_BASES = {"ABC", "Exception", "NamedTuple", "Protocol", "StrEnum"}
_OWN = ("venue.risk.", "venue.book.", "venue.engine.")
"""Bases from there are compiled themselves."""


def main() -> None:
    """Make `.compiled` unless it is of the present source. Without it the venue runs as well."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from venue.compiled_core import FOLDER, why_old

    if "build" in sys.argv:
        return build(FOLDER)
    if why_old() is None:
        return None
    print("setup: compiling the core, on all cores", flush=True)
    begin = time.monotonic()
    status, said = run_builder(begin)
    if status != 0:
        sys.stderr.write(said[-3000:])
        print("setup: the core is not compiled, why stands above; the venue runs its pure source")
        return None
    print(f"setup: the core is compiled, {time.monotonic() - begin:.0f} s", flush=True)
    return None


def run_builder(begin: float) -> tuple[int, str]:
    """Compile in a process of its own, and say every 20 s how far it is; its status and output."""
    with (
        tempfile.TemporaryFile("w+", errors="replace") as output,
        subprocess.Popen(
            [sys.executable, __file__, "build"], stdout=output, stderr=subprocess.STDOUT
        ) as builder,
    ):
        while True:
            try:
                status = builder.wait(20)
                break
            except subprocess.TimeoutExpired:
                sources, objects = (len(list(WORK.rglob(f"*.{kind}"))) for kind in "co")
                how_far = f"{objects} of {sources} files" if objects else "writing the C code"
                seconds = time.monotonic() - begin
                print(f"setup: compiling the core: {how_far}, {seconds:.0f} s so far", flush=True)
        output.seek(0)
        return status, output.read()


def build(target: Path) -> None:
    """Compile into a folder that is not there before it is whole."""
    from setuptools import Distribution

    from venue.compiled_core import SOURCES, note_sources

    shutil.rmtree(target, ignore_errors=True)
    noted = note_sources(with_what_they_import(compiled_modules()) | {Path(__file__).name})
    made = WORK / "made"
    command = Distribution({"name": "venue", "ext_modules": extensions()}).get_command_obj(
        "build_ext"
    )
    command.build_lib, command.build_temp = str(made), str(WORK / "objects")
    command.ensure_finalized()
    command.run()
    (made / SOURCES).write_text(json.dumps(noted, indent=1))
    made.rename(target)


def extensions() -> list[Any]:
    """The core in C, as setuptools' Extensions; what compiles them afterwards uses all cores."""
    from mypyc.build import mypycify

    from native_build.all_cores import use_all_cores

    use_all_cores()
    shutil.rmtree(WORK, ignore_errors=True)
    return mypycify(
        ["--config-file", "pyproject.toml", *compiled_modules()],
        opt_level="3",
        debug_level="0",
        multi_file=True,
        target_dir=str(WORK / "c"),
        group_name="venue",
    )


def compiled_modules() -> list[str]:
    """Paths of the modules to compile; called in the checkout's top level."""
    paths = (path for pattern in PATTERNS for path in sorted(Path().glob(pattern)))
    return [
        str(path)
        for path in paths
        if path.name != "__init__.py"
        and str(path) not in CONSTANTS
        and why_interpreted(ast.parse(path.read_text())) is None
    ]


def with_what_they_import(paths: Iterable[str]) -> set[str]:
    """These modules and all of the venue that they know: a constant of theirs is compiled in."""
    found: set[str] = set()
    todo = set(paths)
    while todo:
        path = todo.pop()
        found.add(path)
        todo |= _imported(ast.parse(Path(path).read_text())) - found
    return found


def _imported(tree: ast.Module) -> set[str]:
    names = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("venue.")
        for name in (str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names))
    }
    places = (Path(name.replace(".", "/")) for name in names)
    files = (file for p in places for file in (p.with_suffix(".py"), p / "__init__.py"))
    return {str(file) for file in files if file.is_file()}


def why_interpreted(tree: ast.Module) -> str | None:
    """What in a module mypyc does not compile faithfully, or None."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OWN)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            if node.keywords:
                return f"class {node.name} has keywords"
            if any(ast.unparse(base) not in _BASES | own | imported for base in node.bases):
                return f"class {node.name} has a foreign base"
        if isinstance(node, ast.Try | ast.With) and _yields(node):
            return f"line {node.lineno}: a generator that must end what it began"
        if isinstance(node, ast.Compare) and ast.unparse(node) == "__name__ == '__main__'":
            return "it is run as a program"
    return None


def _yields(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))


if __name__ == "__main__":
    main()
