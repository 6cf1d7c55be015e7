"""The text of a mix: shares of 100, or one line that says why not."""

import pytest

from venue.load.mix import Mix, MixError, parse_mix


def test_mix_is_read_as_it_is_written() -> None:
    assert parse_mix("new=60,cancel=30,replace=10", 50) == Mix(60, 30, 10, 50)
    assert parse_mix(Mix().text(), Mix().cross) == Mix()


def test_what_is_not_named_is_none() -> None:
    assert parse_mix("cancel=40, new=60", 0) == Mix(60, 40, 0, 0)


@pytest.mark.parametrize(
    ("text", "cross", "why"),
    [
        ("new=70,cancel=25", 33, "new=70,cancel=25 adds up to 95, not to 100"),
        ("new=70,amend=30", 33, "'amend=30' is not new=, cancel= or replace= with a whole number"),
        ("new=x", 33, "'new=x' is not new=, cancel= or replace= with a whole number"),
        ("new=-10,cancel=110", 33, "'new=-10' is not new=, cancel= or replace= with a whole numbe"),
        ("cancel=100", 33, "without new orders there is nothing to cancel or replace"),
        ("new=100", 101, "101 of 100 orders cannot cross"),
    ],
)
def test_refused_mix_says_why(text: str, cross: int, why: str) -> None:
    with pytest.raises(MixError, match=why.replace("(", r"\(")):
        parse_mix(text, cross)
