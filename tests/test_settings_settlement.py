"""[settlement] of venue.toml: what it becomes in the core, and what is wrong with it."""

import tomllib
from pathlib import Path

import pytest

from tests.settings_example import VENUE_TOML, errors_of, write_configuration
from venue.domain.commands import SetSettlementRules
from venue.engine.engine import Engine
from venue.engine.views.configuration import differences
from venue.settings.files import shipped
from venue.settings.settings import load_settings
from venue.settings.settlement import SettlementSettings

SETTLEMENT = """\
[settlement]
weekdays = ["mon", "wed"]
holidays = ["2026-12-23"]
partial = false
penalty_bps = "0.5"
buy_in_cycles = 4
at_day_end = true
"""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)


def rules() -> list[SetSettlementRules]:
    commands = load_settings().seed_commands()
    return [command for command in commands if isinstance(command, SetSettlementRules)]


def test_without_the_section_nothing_is_said_of_the_rules() -> None:
    assert rules() == []
    defined = [each.command for each in load_settings().defined()]
    assert not [each for each in defined if isinstance(each, SetSettlementRules)]


def test_section_becomes_the_rules_and_is_in_force_once_it_was_applied() -> None:
    Path("venue.toml").write_text(VENUE_TOML + SETTLEMENT)
    expected = SetSettlementRules(("mon", "wed"), ("2026-12-23",), False, "0.5", 4, at_day_end=True)
    assert rules() == [expected]
    engine, defined = Engine(), [d for d in load_settings().defined() if d.command == expected]
    (difference,) = differences(engine.state, defined)
    assert difference.wanted == expected
    engine.apply(expected, 1)
    assert differences(engine.state, defined) == []


def test_named_calendar_becomes_dates() -> None:
    Path("venue.toml").write_text(
        f'{VENUE_TOML}[settlement]\nholidays = ["2026-12-24"]\nholiday_calendar = "XETR"\n'
    )
    (command,) = rules()
    assert {"2026-12-24", "2026-12-25", "2026-05-01", "2045-05-01"} <= set(command.holidays)
    assert list(command.holidays) == sorted(set(command.holidays))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('weekdays = ["monday"]', '"monday" is none of mon, tue, wed, thu, fri, sat, sun'),
        ('holidays = ["2026-02-30"]', '"2026-02-30" is no date such as "2026-12-25"'),
        ('penalty_bps = "10001"', '"10001" is more than 10000, the whole value'),
        ('holiday_calendar = "MOON"', '"MOON" is neither a market'),
    ],
)
def test_what_is_wrong_is_named(line: str, what: str) -> None:
    Path("venue.toml").write_text(f"{VENUE_TOML}[settlement]\n{line}\n")
    (error,) = errors_of()
    assert what in error and f"[settlement] {line.split()[0]}: " in error


def test_instrument_says_its_settlement_days() -> None:
    text = VENUE_TOML.replace('lot_size = "1"\n', 'lot_size = "1"\nsettlement_days = "3"\n')
    Path("venue.toml").write_text(text)
    (error,) = errors_of()
    assert "ACME settlement_days: must be at most 2" in error


def test_shipped_file_shows_every_key_with_its_default() -> None:
    shown, is_section = {}, False
    for line in shipped("venue.toml").read_text().splitlines():
        is_section = line == "# [settlement]" or (is_section and line.startswith("# "))
        if is_section and "=" in line:
            name, _, value = line.removeprefix("# ").partition(" = ")
            shown[name] = tomllib.loads(f"x = {value}")["x"]
    defaults = SettlementSettings().model_dump()
    assert list(shown) == list(SettlementSettings.model_fields)
    assert shown == {key: list(v) if isinstance(v, tuple) else v for key, v in defaults.items()}
