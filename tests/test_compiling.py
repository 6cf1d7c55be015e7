"""What mypyc would compile into something else stays interpreted."""

import ast

import pytest

from compiling import compiled_modules, why_interpreted

LEFT = {
    "class with keywords": "class A(Base, frozen=True): pass",
    "class of a foreign base": "class A(quickfix.Application): pass",
    "generator with finally": "def f():\n    try:\n        yield 1\n    finally:\n        g()",
    "generator within with": "def f():\n    with g():\n        yield 1",
    "program": "if __name__ == '__main__':\n    f()",
}


@pytest.mark.parametrize("source", LEFT.values(), ids=LEFT)
def test_module_stays_interpreted(source: str) -> None:
    assert why_interpreted(ast.parse(source)) is not None


def test_hot_modules_are_compiled() -> None:
    modules = compiled_modules()
    for name in ("book/order_book", "engine/trading/placing", "risk/checks", "fix/decode"):
        assert f"venue/{name}.py" in modules
    assert "venue/domain/commands.py" not in modules
