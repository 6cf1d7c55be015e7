"""The table of the benchmarks: what it shows, and that the text around it stays."""

from pathlib import Path

import pytest

from bench.table import Row, every_run, markdown, not_measured, plain, write_between

ROWS = [
    Row("rate", "25,000", "20,000", 0.8, False, "disk well", ["first", "second"]),
    Row("a|b", "", "seen", None, True),
    not_measured("other", "faster", "it cannot be had"),
]


def test_markdown_has_a_line_a_row_with_what_was_before() -> None:
    lines = markdown(ROWS, {"rate": "15,000"}).splitlines()
    assert lines[2] == "| rate | 25,000 | 20,000 | 0.80 | **no** | 15,000 |"
    assert lines[3] == "| a\\|b |  | seen |  | yes |  |"
    assert lines[4] == "| other | faster | not measured: it cannot be had |  | not judged |  |"
    assert len(lines) == 2 + len(ROWS)


def test_every_run_stands_below_its_figure() -> None:
    assert every_run(ROWS).splitlines() == ["- rate: disk well", "  - first", "  - second"]


def test_plain_text_is_in_columns() -> None:
    lines = plain(ROWS).splitlines()
    assert lines[0].split() == ["figure", "aim", "measured", "ratio", "met"]
    assert lines[1].index("20,000") == lines[0].index("measured")
    assert lines[-3:] == ["rate:", "  first", "  second"]


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- x:begin -->\nold\n<!-- x:end -->\nafter <!-- y:begin -->\n")
    write_between(file, "x", "new\n")
    text = "before\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nafter <!-- y:begin -->\n"
    assert file.read_text() == text
    write_between(file, "x", "new")
    assert file.read_text() == text
    with pytest.raises(ValueError, match="y:begin"):
        write_between(file, "y", "never")
    assert file.read_text() == text
