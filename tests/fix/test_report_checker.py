"""The checker of reports refuses what it is there to refuse."""

import pytest

from tests.fix.report_checker import ReportChecker, allowed_tags
from tests.fix_message import Field, Message, frame

NEW: dict[int, str] = {
    37: "1", 17: "10", 150: "0", 39: "0", 11: "x", 55: "ACME", 54: "1", 38: "3", 40: "2",
    59: "0", 151: "3", 14: "0", 6: "0", 60: "20260101-00:00:00.000", 44: "100",
}  # fmt: skip
FILL = NEW | {
    17: "21", 150: "F", 39: "1", 151: "2", 14: "1", 6: "100", 31: "100", 32: "1", 527: "M1",
    851: "1",
}  # fmt: skip
SECOND = FILL | {17: "31", 151: "1", 14: "2", 6: "99.995", 31: "99.99", 527: "M2"}


def message(fields: dict[int, str], *more: Field) -> Message:
    """An ExecutionReport."""
    head = [(35, "8"), (49, "VENUE"), (56, "ALPHA"), (34, "2"), (52, "20260101-00:00:00")]
    return Message(frame([*head, *fields.items(), *more]))


def test_sound_life_passes_and_so_does_its_resend() -> None:
    checker = ReportChecker()
    for fields in (NEW, FILL, SECOND):
        checker.check("ALPHA", message(fields))
    checker.check("ALPHA", message(SECOND, (43, "Y")))
    assert checker.checked == 4


@pytest.mark.parametrize(
    "changes",
    [
        {6: "99.99"},
        {6: "99.99500001"},
        {14: "3", 151: "0", 39: "2"},
        {151: "2"},
        {39: "2"},
        {39: "0"},
        {17: "21"},
        {17: "11"},
        {37: "NONE"},
        {37: "2"},
        {54: "2"},
        {11: "y"},
        {41: "w"},
        {38: "4"},
        {527: "M1"},
        {851: "3"},
        {880: "M2"},
        {31: ""},
        {58: "words without a code"},
        {150: "I"},
        {150: "0"},
        {150: "4", 39: "4"},
        {103: "99"},
    ],
)
def test_report_that_breaks_a_rule_is_refused(changes: dict[int, str]) -> None:
    checker = ReportChecker()
    checker.check("ALPHA", message(NEW))
    checker.check("ALPHA", message(FILL))
    with pytest.raises((AssertionError, KeyError)):
        checker.check("ALPHA", message(SECOND | changes))


@pytest.mark.parametrize("tag", [37, 17, 150, 39, 55, 54, 151, 14, 6, 60, 31, 527, 851])
def test_report_without_a_required_tag_is_refused(tag: int) -> None:
    checker = ReportChecker()
    checker.check("ALPHA", message(NEW))
    with pytest.raises((AssertionError, KeyError)):
        checker.check("ALPHA", message({t: v for t, v in FILL.items() if t != tag}))


def test_finished_order_takes_no_more_fills() -> None:
    checker = ReportChecker()
    checker.check("ALPHA", message(NEW))
    ended = NEW | {17: "20", 150: "4", 39: "4", 151: "0", 58: "UNFILLED 59=3"}
    checker.check("ALPHA", message(ended))
    with pytest.raises(AssertionError):
        checker.check("ALPHA", message(FILL | {17: "31"}))


def test_end_that_nobody_asked_for_says_why() -> None:
    checker = ReportChecker()
    checker.check("ALPHA", message(NEW))
    with pytest.raises(AssertionError, match="does not say why"):
        checker.check("ALPHA", message(NEW | {17: "20", 150: "4", 39: "4", 151: "0"}))


def test_tag_twice_is_refused_but_in_the_parties() -> None:
    parties = [(453, "2"), (448, "A"), (447, "D"), (448, "B"), (447, "D")]
    ReportChecker().check("ALPHA", message(NEW, *parties))
    with pytest.raises(AssertionError):
        ReportChecker().check("ALPHA", message(NEW, (44, "100")))


def test_stock_client_knows_none_of_the_venues_extras() -> None:
    assert not {586, 114, 880, 7928, 8000} & allowed_tags("8")
    assert 790 not in allowed_tags("9") and 790 in allowed_tags("8")
