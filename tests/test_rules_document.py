"""docs/RULES_OF_ENGAGEMENT.md says what the venue does: its tables are those of the venue."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "RULES_OF_ENGAGEMENT.md").read_text()
GENERATOR = ROOT / "docs" / "generate_rules.py"
TAG_WRITTEN = re.compile(r"""(?:\\x01|["'(}])["']?(\d+)(?:=|["'],)""")
EXPORTS = re.compile(r"^__all__ = \[.*?\]", re.MULTILINE | re.DOTALL)
CODE_SAID = re.compile(r'"((?:[A-Z]+_)+[A-Z]+|EXPIRED|RESTATED)[ "]')


def table(name: str) -> list[list[str]]:
    """Rows of a generated table."""
    found = re.search(f"<!-- table: {name} -->\n(.*?)<!-- end -->", DOCUMENT, re.DOTALL)
    assert found is not None, name
    rows = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_tables_are_those_that_the_venue_gives() -> None:
    run = subprocess.run([sys.executable, GENERATOR], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_table_that_was_changed_by_hand_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(GENERATOR.parent))
    import generate_rules

    changed = tmp_path / "RULES.md"
    changed.write_text(DOCUMENT.replace("| 11 | ClOrdID | Y |", "| 11 | ClOrdID | N |", 1))
    monkeypatch.setattr(generate_rules, "DOCUMENT", changed)
    monkeypatch.setattr(sys, "argv", ["generate_rules.py"])
    assert generate_rules.main() == 1
    monkeypatch.setattr(sys, "argv", ["generate_rules.py", "--write"])
    assert generate_rules.main() == 0
    assert changed.read_text() == DOCUMENT


def test_every_tag_that_the_encoder_writes_is_documented_and_no_other() -> None:
    sources = [ROOT / "venue" / "fix" / name for name in ("encode.py", "report_text.py")]
    written = {int(tag) for path in sources for tag in TAG_WRITTEN.findall(path.read_text())}
    documented = {int(row[0]) for name in "89rj" for row in table(f"message {name}")}
    assert written - {35} == documented


def test_every_code_that_the_venue_says_is_documented() -> None:
    sources = [path for room in ("engine", "fix") for path in (ROOT / "venue" / room).rglob("*.py")]
    said = {
        code for path in sources for code in CODE_SAID.findall(EXPORTS.sub("", path.read_text()))
    }
    assert len(said) > 30
    assert {code for code in said if f"`{code}`" not in DOCUMENT} == set()


def test_document_names_every_message_that_is_taken() -> None:
    decoders = re.findall(
        r'^    "(\w+)": _Decoder\(', (ROOT / "venue/fix/decode.py").read_text(), re.M
    )
    assert decoders and all(table(f"message {msg_type}") for msg_type in decoders)
