"""docs/schemas is what the types say, and what is published is what the schemas say."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.dropcopy.copies import MEMBERS, busy_events, expected

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs" / "schemas"


def test_schemas_are_those_of_the_types() -> None:
    generator = ROOT / "docs" / "generate_schemas.py"
    run = subprocess.run([sys.executable, generator], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_drop_copies_have_the_fields_of_their_schema() -> None:
    schema: dict[str, Any] = msgspec.json.decode((SCHEMAS / "drop_copy.json").read_bytes())
    described = schema["$defs"]["DropCopy"]
    for member in MEMBERS:
        for copy in expected(busy_events(), member):
            fields = msgspec.json.decode(msgspec.json.encode(copy)).keys()
            assert fields <= described["properties"].keys()
            assert fields >= set(described["required"])
