"""Tables of texts and counts: what they answer, that they are shared, and that they stay small."""

import pytest

from venue.domain import unit_texts
from venue.domain.unit_texts import UnitCounts, UnitTexts, tables_of


@pytest.mark.parametrize(
    ("text", "count"),
    [("1.25", 5), ("1.250", 5), ("0", 0), ("-0.25", -1), ("1.3", None), ("1.255", None),
     ("x", None)],
)  # fmt: skip
def test_a_text_counts_units_or_is_none(text: str, count: int | None) -> None:
    counts, texts = tables_of(2, 25)
    assert [counts[text], counts[text]] == [count, count]
    if count is not None:
        assert counts[texts[count]] == count


def test_tables_are_shared_by_all_of_equal_unit() -> None:
    assert tables_of(2, 1) is tables_of(2, 1)
    assert tables_of(2, 1)[0] is not tables_of(2, 25)[0]
    assert tables_of(3, 1)[0] is not tables_of(2, 1)[0]


def test_full_tables_are_emptied_and_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_texts, "_REMEMBERED_MAX", 3)
    counts, texts = UnitCounts(2, 1), UnitTexts(2, 1)
    for _ in range(2):
        for number in range(1, 9):
            assert counts[f"{number}.01"] == number * 100 + 1
            assert texts[number * 100] == str(number)
    assert len(counts) <= 3
    assert len(texts) <= 3
