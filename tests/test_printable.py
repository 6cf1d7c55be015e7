"""No text from outside steers a terminal, makes another line or turns the writing round."""

import pytest

from venue.printable import shown

ESCAPES = [
    "\x1b[2J", "\x9b2J", "\x07", "\x08", "\r", "\n", "\t", "\x0b", "\x0c", "\x7f", "\x85", "\u2028",
    "\u2029", "\u202e", "\u2066", "\ufeff", "\udcff", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("escape", ESCAPES)
def test_what_cannot_be_printed_is_shown_by_its_code(escape: str) -> None:
    written = shown(f"a{escape}b")
    assert written.isprintable() and len(written.splitlines()) == 1
    assert written.startswith("a\\") and written.endswith("b")


@pytest.mark.parametrize("text", ["", "plain", "Grüße 日本 💩", "back\\slash [bold]"])
def test_what_can_be_printed_stays(text: str) -> None:
    assert shown(text) == text


def test_lines_of_its_own_stay_where_they_may() -> None:
    assert shown("a\n\tb\x1b", keep="\t\n") == "a\n\tb\\x1b"
