"""Which modules mypyc may compile, for `make compiled`; what is left over stays interpreted.

Standard library and mypyc only. A module stays interpreted when it holds what mypyc compiles into
something else: a class with keywords or of a foreign base loses its keywords without a word, and a
generator dropped half-way does not run its `finally`. See docs/decisions/0015.
"""

import ast
from pathlib import Path

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
