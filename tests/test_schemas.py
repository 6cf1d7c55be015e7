"""docs/schemas is what the types say, and what is published is what the schemas say."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.dropcopy.copies import MEMBERS, busy_events, expected
from tests.dropcopy.events import numbered_events
from venue.dropcopy.copies import copies_of
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.funds_copy import FundsCopy

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs" / "schemas"


def test_schemas_are_those_of_the_types() -> None:
    generator = ROOT / "docs" / "generate_schemas.py"
    run = subprocess.run([sys.executable, generator], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_schema_is_the_same_from_docstrings_with_and_without_indentation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    from generate_schemas import schema_text

    class Inner(msgspec.Struct):
        description: str

    class Outer(msgspec.Struct):
        inner: list[Inner]

    texts = set()
    for indent in ("", "        "):  # as Python 3.13 keeps it, and as it stands in the source
        Inner.__doc__ = f"What is inside.\n\n{indent}One.\n{indent}    Two, further in.\n{indent}"
        Outer.__doc__ = f"\n{indent}What is outside.\n{indent}"
        texts.add(schema_text(Outer))
    definitions = msgspec.json.decode(texts.pop())["$defs"]
    assert texts == set()
    assert definitions["Outer"]["description"] == "What is outside."
    assert definitions["Inner"]["description"] == "What is inside.\n\nOne.\n    Two, further in."
    assert definitions["Inner"]["properties"] == {"description": {"type": "string"}}


def test_copies_have_the_fields_of_their_schema() -> None:
    described = {}
    for name, kind in (("drop_copy", DropCopy), ("funds_copy", FundsCopy)):
        schema: dict[str, Any] = msgspec.json.decode((SCHEMAS / f"{name}.json").read_bytes())
        described[kind] = schema["$defs"][kind.__name__]
    moved = [copy for event in numbered_events(9) for copy in copies_of(event)]
    assert {type(copy) for copy in moved} == {FundsCopy}
    for member in MEMBERS:
        for copy in [*moved, *expected(busy_events(), member)]:
            fields = msgspec.json.decode(msgspec.json.encode(copy)).keys()
            assert fields <= described[type(copy)]["properties"].keys()
            assert fields >= set(described[type(copy)]["required"])
