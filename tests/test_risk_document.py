"""docs/RISK.md says what the venue does: its codes, limits, defaults and tests are the venue's."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from venue.domain.reject_reasons import ORD_REJ_REASON, RejectReason
from venue.risk.limits import ACCOUNT_LIMIT_NAMES, LIMIT_NAMES
from venue.settings.sections import RiskSettings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "RISK.md").read_text()
RISK_CODES = ("0", "3")
"""OrdRejReasons of blocks and of limits: whatever has one is a control."""
TEST_NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
CODE = re.compile(r"`([A-Z]+(?:_[A-Z]+)+|THROTTLED)`")


LINE = re.compile(r"^- ([^:]+): (.+)$", re.MULTILINE)


def sections(name: str) -> list[dict[str, str]]:
    """The sections between two marks: "control" is heading and text, the others are its lines."""
    found = re.search(f"<!-- sections: {name} -->\n(.*?)\n<!-- end -->", DOCUMENT, re.DOTALL)
    assert found is not None, name
    listed = []
    for section in re.split(r"^#{3,4} ", found[1], flags=re.MULTILINE)[1:]:
        if LINE.search(section) is None:
            continue  # the heading of a group
        row: dict[str, str] = {"control": LINE.sub("", section).strip()}
        for key, value in LINE.findall(section):
            row[key] = f"{row[key]} {value}" if key in row else value
        assert row.keys() <= {"control", *KEYS[name]}, row["control"]
        listed.append(row)
    return listed


KEYS = {
    "checks": {"OrdRejReason", "Checked by", "Set with", "Ships as", "Answers to", "Test"},
    "controls": {"Code, 378", "Answers to", "Test"},
}
CHECKS, CONTROLS = sections("checks"), sections("controls")
CODES = [RejectReason(CODE.findall(row["control"])[0]) for row in CHECKS]


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_test_that_is_named_is_there() -> None:
    named = TEST_NAMED.findall(DOCUMENT)
    assert len(named) > len(CHECKS) + len(CONTROLS)
    assert [each for each in named if each[1] not in functions(each[0])] == []


@pytest.mark.parametrize("row", [*CHECKS, *CONTROLS], ids=lambda row: row["control"][:40])
def test_section_names_a_test_that_looks_for_its_code(row: dict[str, str]) -> None:
    named = TEST_NAMED.findall(row["Test"])
    assert named, "no test"
    sources = "".join((ROOT / path).read_text() for path, _ in named)
    codes = CODE.findall(row["control"].partition("\n")[0] + row.get("Code, 378", ""))
    assert [code for code in codes if code not in sources] == []


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row["control"][:40])
def test_check_is_made_by_the_function_that_is_named(row: dict[str, str]) -> None:
    module, _, function = row["Checked by"].strip("`").rpartition(".")
    assert callable(getattr(importlib.import_module(f"venue.{module}"), function))


def test_checks_stand_in_the_order_in_which_they_are_made() -> None:
    assert [reason for reason in RejectReason if reason in CODES] == CODES


def test_every_code_of_a_block_or_a_limit_is_a_control() -> None:
    controls = {r for r in RejectReason if ORD_REJ_REASON.get(r, "99") in RISK_CODES}
    assert controls - set(CODES) == set()


def test_codes_have_the_ord_rej_reason_that_is_said() -> None:
    said = [row["OrdRejReason"] for row in CHECKS]
    assert said == [ORD_REJ_REASON.get(code, "99") for code in CODES]


def test_codes_that_are_no_controls_are_tested_over_fix_all_the_same() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests" / "fix").glob("test_*.py"))
    untested = {reason for reason in RejectReason if reason.value not in sources}
    behind_a_logout = {RejectReason.VENUE_STOPPING, RejectReason.SESSION_NOT_ENTITLED}
    assert untested == behind_a_logout, "nobody can get it"


def test_every_limit_is_named_with_whose_it_can_be() -> None:
    text = " ".join(r.get("Set with", "") for r in CHECKS)
    text += " ".join(r["control"] for r in CONTROLS)
    for name in LIMIT_NAMES:
        whose = "m, a" if name in ACCOUNT_LIMIT_NAMES else "m"
        assert f"`{name}` ({whose})" in text, name


@pytest.mark.parametrize("name", RiskSettings.model_fields)
def test_limit_ships_as_is_said(name: str) -> None:
    default = RiskSettings.model_fields[name].default
    (row,) = [row for row in CHECKS if row.get("Set with", "").startswith(f"`{name}`")]
    said = re.split(r"[:;]", row["Ships as"])[0]
    assert said == ("none" if default is None else str(default))
