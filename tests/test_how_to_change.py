"""docs/HOW_TO_CHANGE.md leads where it says: its files, names and tests exist."""

import re
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from venue.domain.commands import AnyCommand
from venue.engine import engine
from venue.marketdata.messages import KINDS, AnyMarketData

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "HOW_TO_CHANGE.md").read_text()
CHAPTERS = re.findall(r"^## (\d+)\. (.*?)\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
CELL = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[\w.]+(?:/[\w.]+)+|[A-Za-z]\w*\.(?:py|md|toml)")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")

REGISTRIES = {
    "venue/domain/types.py": ("OFFERED_EXEC_INSTS",),
    "venue/risk/combinations.py": ("TIMES_IN_FORCE", "CONDITIONS", "EXCLUSIVE"),
    "venue/risk/limits.py": ("LIMIT_NAMES",),
    "venue/fix/order_fields.py": ("ORDER_FIELDS",),
    "venue/fix/decode.py": ("_DECODERS",),
    "venue/fix/encode.py": ("_ENCODERS",),
    "venue/domain/reject_reasons.py": ("RejectReason", "ORD_REJ_REASON", "CXL_REJ_REASON"),
    "venue/domain/events.py": ("AnyEvent",),
    "venue/engine/engine.py": ("_APPLY",),
    "venue/domain/verbs/__init__.py": ("ROOMS",),
    "venue/processes.py": ("SINKS",),
    "venue/marketdata/messages.py": ("KINDS",),
    "venue/marketdata/depth.py": ("ORDERS_CHANGED",),
    "venue/dropcopy/drop_copy.py": ("_COPIES",),
    "venue/clearing/postings/__init__.py": ("_POSTINGS",),
    "venue/clearing/portfolio/changes.py": ("_CHANGES",),
    "venue/notify/watch.py": ("_TELL",),
    "docs/rules_notes.py": ("NOTES",),
    "venue/gateway/reject_notes.py": ("CODES",),
}
"""Tables to which something is added: whoever adds has to be led to them."""


@cache
def source(path: str) -> str:
    return (ROOT / path).read_text()


def rows() -> list[list[str]]:
    """Cells of all tables but their headings."""
    found = []
    for _, _, text in CHAPTERS:
        lines = [line for line in text.splitlines() if line.startswith("| ")]
        found += [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
    return found


ROWS = rows()
PLACES = [CELL.findall(row[0]) for row in ROWS]


def test_twelve_changes_are_told() -> None:
    assert [int(number) for number, _, _ in CHAPTERS] == list(range(1, 13))
    assert all(len(row) == 3 for row in ROWS), "a row has other cells than the heading"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: " ".join(place))
def test_row_names_a_file_and_what_is_in_it(place: list[str]) -> None:
    path, *names = place
    assert (ROOT / path).is_file()
    assert [name for name in names if not re.search(rf"\b{name}\b", source(path))] == []


def test_every_path_of_the_document_is_there() -> None:
    said = {each for each in CELL.findall(DOCUMENT) if PATH.fullmatch(each)}
    assert len(said) > 40
    assert [each for each in sorted(said) if not (ROOT / each).exists()] == []


def test_every_test_of_the_document_is_there() -> None:
    named = TEST.findall(DOCUMENT)
    assert len(named) > 30
    assert [each for each in named if f"def {each[1]}(" not in source(each[0])] == []


def test_what_fails_is_a_test_or_nothing() -> None:
    assert [row for row in ROWS if row[2] != "-" and not TEST.search(row[2])] == []


@pytest.mark.parametrize("path", REGISTRIES)
def test_registry_is_named(path: str) -> None:
    named = {name for file, *names in PLACES if file == path for name in names}
    assert set(REGISTRIES[path]) <= named
    assert all(re.search(rf"^(?:class )?{name}\b", source(path), re.M) for name in REGISTRIES[path])


def test_engine_has_an_effect_for_every_command() -> None:
    assert set(engine._APPLY) == set(get_args(AnyCommand))


def test_every_market_data_message_has_a_subject() -> None:
    assert set(KINDS) == set(get_args(AnyMarketData))
    subjects = source("docs/ARCHITECTURE.md")
    for kind in KINDS.values():
        assert re.search(rf"`(?:md\S+\.)?{kind}`", subjects), kind
