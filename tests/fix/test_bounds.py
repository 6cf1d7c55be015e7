"""What a value may look like: the longest passes, one more does not; nothing forges a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.fix.bounds import NUMBERS, SEQUENCE_DIGITS, fault_in

IDS = (
    "11",
    "41",
    "37",
    "1",
    "49",
    "56",
    "50",
    "57",
    "115",
    "112",
    "262",
    "448",
    "553",
    "584",
    "7928",
)
SYMBOLS = ("55", "48", "65")
TEXTS = ("58", "44", "354", "9999", "60", "554")


@pytest.mark.parametrize(
    ("tags", "most"), [(IDS, 64), (SYMBOLS, 32), (TEXTS, 512)], ids=["ids", "symbols", "texts"]
)
def test_longest_value_passes_and_a_longer_one_does_not(tags: tuple[str, ...], most: int) -> None:
    for tag in tags:
        assert fault_in(tag, "x" * most) is None
        assert fault_in(tag, "x" * (most + 1)) == f"is longer than {most} characters"


@pytest.mark.parametrize("character", ["é", "|", "\n", "\t", "\x00", "\x7f", "²", "\u2028", "💩"])
def test_id_is_printable_ascii_without_a_bar(character: str) -> None:
    for tag in (*IDS, *SYMBOLS):
        assert fault_in(tag, f"a{character}b") == "is not printable ASCII without |"
        assert fault_in(tag, "A b~{}!#") is None


@pytest.mark.parametrize(
    "character",
    ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\udcff"],
)
def test_text_has_no_control_characters(character: str) -> None:
    for tag in TEXTS:
        assert fault_in(tag, f"a{character}b") == "has control characters"


@pytest.mark.parametrize("text", ["Grüße", "a|b", "日本", "a=b", " ", "💩"])
def test_text_may_be_of_any_script(text: str) -> None:
    assert all(fault_in(tag, text) is None for tag in TEXTS)


@given(st.sampled_from([*IDS, *SYMBOLS, *TEXTS, *sorted(NUMBERS)]), st.text(min_size=1))
def test_what_passes_is_one_line_for_whoever_prints_it(tag: str, value: str) -> None:
    if fault_in(tag, value) is None:
        assert value.splitlines() == [value]
        assert "\x1b" not in value


@pytest.mark.parametrize("tag", sorted(NUMBERS))
def test_number_of_messages_has_as_many_digits_as_any_session_needs(tag: str) -> None:
    for zeros in ("", "000000000000000000"):
        assert fault_in(tag, zeros + "9" * SEQUENCE_DIGITS) is None
        more = fault_in(tag, zeros + "1" + "0" * SEQUENCE_DIGITS)
        assert more == f"has more than {SEQUENCE_DIGITS} digits"
