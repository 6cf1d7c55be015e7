"""[calendar] and [[hours]] of venue.toml: what they become, and what is wrong with them."""

from pathlib import Path

import pytest

from tests.settings_example import VENUE_TOML, errors_of, write_configuration
from venue.domain.commands import SetTimetable
from venue.domain.timetable import WEEKDAYS, GroupHours, Hours, Timetable
from venue.settings.settings import load_settings

CALENDAR = """\
[calendar]
time_zone = "Europe/Berlin"
start = "09:00"
end = "17:30"
holidays = ["2026-12-24"]
holiday_calendar = "XETR"
"""
HOURS = """\
[[hours]]
name = "coins"
symbols = ["BTC-USD"]
start = "10:00"
end = "16:00"
weekdays = ["tue"]
"""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)


def errors(*texts: str) -> list[str]:
    """Errors of the configuration with these sections, without file and line."""
    Path("venue.toml").write_text(VENUE_TOML + "".join(texts))
    return [line.partition(" ")[2] for line in errors_of()]


def test_without_a_calendar_days_are_opened_by_hand() -> None:
    assert load_settings().timetable() is None
    assert not [c for c in load_settings().seed_commands() if isinstance(c, SetTimetable)]


def test_calendar_and_hours_are_the_timetable() -> None:
    Path("venue.toml").write_text(VENUE_TOML + CALENDAR + HOURS)
    coins = GroupHours("coins", ("BTC-USD",), Hours("10:00", "16:00", ("tue",)))
    hours = Hours("09:00", "17:30", WEEKDAYS[:5], ("2026-12-24",))
    expected = Timetable("Europe/Berlin", hours, "XETR", (coins,))
    assert load_settings().timetable() == expected
    assert load_settings().seed_commands()[-1] == SetTimetable(expected)


@pytest.mark.parametrize(
    ("written", "instead", "what"),
    [
        (
            "Europe/Berlin",
            "Europe/Bern",
            '"Europe/Bern" is no time zone such as "America/New_York"',
        ),
        ("Europe/Berlin", "../x", '"../x" is no time zone such as "America/New_York"'),
        ("09:00", "9:00", '"9:00" is no time such as "09:30"'),
        ("17:30", "24:00", '"24:00" is no time such as "09:30"'),
        ("2026-12-24", "2026-12-32", '"2026-12-32" is no date such as "2026-12-25"'),
        ("2026-12-24", "20261224", '"20261224" is no date such as "2026-12-25"'),
        ("XETR", "XXXX", 'neither a market such as "NYSE" nor a country such as "DE"'),
        ("17:30", "09:00:00", "is the start: a day ends before the next one starts"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_said(written: str, instead: str, what: str) -> None:
    (line,) = errors(CALENDAR.replace(written, instead))
    assert line.startswith("[calendar]") and line.endswith(what)


@pytest.mark.parametrize(
    ("written", "instead", "what"),
    [
        ("BTC-USD", "BTC", "BTC is unknown; did you mean BTC-USD?"),
        ("10:00", "08:59", "08:59 to 16:00 is not within 09:00 to 17:30"),
        ("16:00", "17:31", "10:00 to 17:31 is not within 09:00 to 17:30"),
        ("16:00", "10:00", "10:00 to 10:00 is not within 09:00 to 17:30"),
        ("tue", "Tue", '"Tue" is none of mon, tue, wed, thu, fri, sat, sun'),
    ],
)
def test_what_is_wrong_with_hours_is_said(written: str, instead: str, what: str) -> None:
    (line,) = errors(CALENDAR, HOURS.replace(written, instead))
    assert line.startswith("[[hours]] coins") and what in line


def test_hours_need_a_calendar_and_an_instrument_has_one_group() -> None:
    assert errors(HOURS) == ["[[hours]]: there is no [calendar] whose days these are hours of"]
    again = HOURS.replace('"coins"', '"more"')
    assert errors(CALENDAR, HOURS, again) == ["[[hours]] more symbols: BTC-USD is in coins already"]
    assert errors(CALENDAR, HOURS, HOURS.replace("BTC-USD", "ACME")) == [
        "[[hours]] coins name: coins stands there twice"
    ]


def test_hours_may_lie_in_the_night_of_a_day_that_begins_the_evening_before() -> None:
    night = CALENDAR.replace("09:00", "18:00").replace("17:30", "17:00")
    Path("venue.toml").write_text(VENUE_TOML + night + HOURS.replace("10:00", "19:00"))
    assert load_settings().timetable() is not None
    assert errors(night, HOURS.replace("10:00", "17:30")) != []
