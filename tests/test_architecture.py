"""The source against its own rules: a pure core, small files, and modules that say their job."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from venue.processes import BY_NAME, Process

ROOT = Path(__file__).resolve().parent.parent
CORE = ("domain", "book", "risk", "engine")
PURE_MODULES = {
    "__future__", "array", "bisect", "collections", "enum", "functools", "hashlib", "itertools",
    "marshal", "msgspec", "operator", "re", "sortedcontainers", "typing", "venue", "zlib",
}  # fmt: skip
"""All that the core may import: no clock, file, socket, thread, randomness or log among them."""
LOADS_ROOMS = "venue/engine/control/effects.py"
"""May import modules by their names: those of its own package, and none else."""
HASHES = "venue/engine/state/cl_ord_ids.py"
"""May ask for a hash: where an ID is found depends on it, and no event or image does."""
IMPURE_CALLS = {"float", "open", "print", "input", "eval", "exec", "id", "hash", "__import__"}
"""Their result depends on more than their arguments, or is a float."""

MOST_LINES = 300
MOST_LINES_OF_TABLES = 400
TABLES = (
    "venue/domain/events.py",
    "venue/domain/commands.py",
    "venue/risk/checks.py",
)
MOST_FUNCTION_LINES = 60
MOST_DOCSTRING_LINES = 5
MOST_WIRING_LINES = 80
"""Of the one function that wires the stages: straight lines under numbered comments."""


NAMES_IN_A_DATA_DIRECTORY = {
    "journal", "positions", "parked", "audit", "audit-heads", "incidents", "logs", "runtime.json",
    "credentials.json", "operators.json", "configuration", "admin.sock", "gate.sock",
    "venue.lock", "run.lock",
}  # fmt: skip


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SOURCE = [path for path in modules("venue", "cli") if "migrations" not in path.parts]
READ = [*SOURCE, *modules("tests", "bench", "docs")]
"""What somebody reads: the source, and what tests, measures and documents it."""
PURE = modules(*(f"venue/{package}" for package in CORE))


def impurities(tree: ast.AST) -> Iterator[str]:
    """What the core may not contain, with its line."""
    for node in ast.walk(tree):
        for what in _impurities_of(node):
            yield f"line {getattr(node, 'lineno', '?')}: {what}"


def _impurities_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (
                f"import of {alias.name}"
                for alias in node.names
                if alias.name.partition(".")[0] not in PURE_MODULES
            )
        case ast.ImportFrom():
            module = node.module or ""
            if node.level or module.partition(".")[0] not in PURE_MODULES:
                yield f"import from {'.' * node.level}{module}"
            elif module.startswith("venue.") and module.split(".")[1] not in CORE:
                yield f"import from {module}, which is not of the core"
        case ast.Constant(value=float()):
            yield "float"
        case ast.BinOp(op=ast.Div()):
            yield "division that gives a float"
        case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
            yield f"call of {name}"
        case ast.For() | ast.comprehension() if _is_set(node.iter):
            yield "iteration over a set"
        case ast.AsyncFunctionDef() | ast.Await() | ast.Global():
            yield type(node).__name__


def _is_set(node: ast.expr) -> bool:
    """Whether an expression is a set as far as its text shows."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("set", "frozenset")
    )


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_core_module_is_pure(path: Path) -> None:
    text = path.read_text()
    if name_of(path) == LOADS_ROOMS:
        text = text.replace("from importlib import import_module\n", "")
        assert (
            text.count("import_module(") == text.count('import_module(f"venue.engine.control.') == 1
        )
    if name_of(path) == HASHES:
        assert text.count("hash(") == text.count("hash(key)") == 1
        text = text.replace("hash(key)", "key")
    assert list(impurities(ast.parse(text))) == []


@pytest.mark.parametrize(
    "planted",
    ["import time", "from random import random", "import os.path", "from . import state",
     "from venue.clock import Clock", "from venue.journal.frame import MAGIC", "x = 0.5",
     "x = float('1')", "x = 1 / 2", "for x in {1, 2}: pass", "y = [x for x in set([1])]",
     "y = {x: 1 for x in a | b}", "import logging", "import threading, enum", "print(1)",
     "import datetime", "x = sorted(orders, key=lambda order: id(order))"],
)  # fmt: skip
def test_planted_impurity_is_found(planted: str) -> None:
    assert len(list(impurities(ast.parse(planted)))) == 1


def test_core_packages_are_all_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in PURE} == set(CORE)
    assert len(PURE) > 20


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_file_is_small_enough_to_read(path: Path) -> None:
    most = MOST_LINES_OF_TABLES if name_of(path) in TABLES else MOST_LINES
    assert len(path.read_text().splitlines()) <= most


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_functions_are_small_enough_to_read(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    wiring = name_of(path) == "venue/app.py"
    long = {}
    for node in functions:
        lines = (node.end_lineno or 0) - node.lineno + 1
        most = MOST_WIRING_LINES if wiring and node.name == "__init__" else MOST_FUNCTION_LINES
        if lines > most:
            long[node.name] = lines
    assert long == {}


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_module_says_its_job_in_a_few_lines(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "a module opens with its job"
    # a package's docstring is its guide and may be longer; a table of rules stands indented
    prose = [line for line in docstring.splitlines() if line and not line.startswith(" ")]
    assert path.name == "__init__.py" or len(prose) <= MOST_DOCSTRING_LINES


@pytest.mark.parametrize("path", SOURCE, ids=name_of)
def test_names_in_a_data_directory_are_joined_in_one_place(path: Path) -> None:
    joins = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _joins_a_name(node)
    ]
    assert joins == [] or name_of(path) == "venue/data_directory.py"


def _joins_a_name(node: ast.BinOp) -> bool:
    is_name = isinstance(node.right, ast.Constant) and node.right.value in NAMES_IN_A_DATA_DIRECTORY
    return is_name or ast.unparse(node.left).endswith("data_dir")


@pytest.mark.parametrize("process", BY_NAME.values(), ids=list(BY_NAME))
def test_process_is_documented_and_its_imports_are_held(process: Process) -> None:
    row = f"| {process.name} | {process.does} |"
    assert row in (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    package = ".".join(process.module.split(".")[:2])
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layered = [layer for each in contracts["contracts"] for layer in each.get("layers", ())]
    held = {name for layer in layered for name in layer.split(" | ")}
    held |= {name for each in contracts["contracts"] for name in each.get("source_modules", ())}
    assert package in held
