"""stubs/quickfix.pyi declares only what quickfix has: mypy would believe anything."""

import ast
from pathlib import Path

import pytest
import quickfix

STUB = ast.parse((Path(__file__).parents[2] / "stubs" / "quickfix.pyi").read_text())
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}


def test_stub_has_classes() -> None:
    assert {"Application", "SocketAcceptor", "SocketInitiator", "Session"} <= set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_class_and_its_methods_exist(name: str) -> None:
    real = getattr(quickfix, name)
    methods = {node.name for node in CLASSES[name].body if isinstance(node, ast.FunctionDef)}
    assert [method for method in sorted(methods) if not callable(getattr(real, method))] == []
    bases = [base.id for base in CLASSES[name].bases if isinstance(base, ast.Name)]
    for base in bases:
        assert issubclass(real, Exception if base == "Exception" else getattr(quickfix, base))
