"""Values that pass from one thing to another under the same name."""

import msgspec

from venue.domain.by_name import made_of, rest_of, take_over


class Terms(msgspec.Struct):
    name: str
    note: str = ""
    lots: int = 0


class Thing:
    def __init__(self) -> None:
        self.name = "ALPHA"
        self.note = "first"
        self.other = "kept"


def test_what_both_have_is_copied_and_what_is_given_goes_before() -> None:
    assert made_of(Terms, Thing()) == Terms("ALPHA", "first")
    assert made_of(Terms, Thing(), name="BRAVO", lots=3) == Terms("BRAVO", "first", 3)


def test_what_is_not_said_yet_is_found() -> None:
    assert rest_of(Terms, Thing(), {"name": "as it is"}) == {"note": "first"}


def test_thing_takes_over_what_it_has_too() -> None:
    thing = Thing()
    take_over(thing, Terms("BRAVO", "second", 5), besides=("name",))
    assert vars(thing) == {"name": "ALPHA", "note": "second", "other": "kept"}
