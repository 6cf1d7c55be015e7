"""Kinds of FIX sessions: each has its port, the core knows those that trade, errors have a line."""

from pathlib import Path

import pytest

from tests.settings_example import SESSIONS_CFG, VENUE_TOML, errors_of, write_configuration
from venue.domain.commands import AddSession
from venue.logon_settings import access_of, elsewhere
from venue.processes import FIX_MARKETDATA
from venue.servers import plan
from venue.settings.settings import Settings, load_settings

MORE = """
[[sessions]]
comp_id = "ALPHA-MD"
kind = "marketdata"
member = "ALPHA"
password = "demo"

[[sessions]]
comp_id = "ALPHA-DC"
kind = "dropcopy"
member = "ALPHA"
sources = ["ALPHA", "BRAVO"]
accounts = ["A1"]
levels = "trades"
"""
NAMES = ("ALPHA-MD", "ALPHA-DC")


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration that has a session of each kind."""
    write_configuration(tmp_path, monkeypatch)
    written(tmp_path, MORE)
    return tmp_path


def written(directory: Path, more: str) -> None:
    (directory / "venue.toml").write_text(VENUE_TOML + more)
    sections = "".join(f"[SESSION]\nTargetCompID={name}\n" for name in NAMES)
    (directory / "sessions.cfg").write_text(SESSIONS_CFG + sections)


def test_kind_is_trading_unless_it_is_said() -> None:
    settings = load_settings()
    assert settings.session("ALPHA").kind == "trading"
    assert settings.enabled_sessions() == ["ALPHA"]
    assert settings.enabled_sessions("marketdata") == ["ALPHA-MD"]
    assert settings.enabled_sessions("dropcopy") == ["ALPHA-DC"]


def test_only_sessions_that_trade_are_told_to_the_core() -> None:
    settings = load_settings()
    seeded = [each for each in settings.seed_commands() if isinstance(each, AddSession)]
    assert [each.session for each in seeded] == ["ALPHA"]
    defined = [each.command for each in settings.defined()]
    stated = [each for each in defined if isinstance(each, AddSession)]
    assert [each.session for each in stated] == ["ALPHA"]


def test_secrets_of_all_kinds_are_looked_at_everywhere() -> None:
    """So that a member whose secret is right is told where his session logs on."""
    settings = load_settings(overrides=["fix_dropcopy.port=0"])
    assert set(access_of(settings)) == {"ALPHA", *NAMES}
    assert elsewhere(settings, "trading") == {
        "ALPHA-MD": "WRONG_PORT ALPHA-MD is a marketdata session: its port is 9879",
        "ALPHA-DC": "WRONG_PORT ALPHA-DC is a dropcopy session",
    }
    assert set(elsewhere(settings, "marketdata")) == {"ALPHA", "ALPHA-DC"}
    outside = load_settings(overrides=["gate.marketdata_port=9889"])
    assert elsewhere(outside, "trading") == {
        "ALPHA-MD": "WRONG_PORT ALPHA-MD is a marketdata session: its port is 9879, "
        "of the gate 9889",
        "ALPHA-DC": "WRONG_PORT ALPHA-DC is a dropcopy session: its port is 9880",
    }


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('kind = "marketdata"', 'kind = "quotes"', "venue.toml:54 [[sessions]] ALPHA-MD kind: "),
        ('"BRAVO"]', '"BRAVE"]', "venue.toml:62 [[sessions]] ALPHA-DC sources: BRAVE is "),
        ('levels = "trades"', 'levels = "some"', "venue.toml:64 [[sessions]] ALPHA-DC levels: "),
        (
            'password = "demo"',
            'password = "demo"\nlevels = "both"',
            "venue.toml:57 [[sessions]] ALPHA-MD levels: is for sessions of the kind dropcopy",
        ),
    ],
)
def test_wrong_value_has_one_line_with_its_place(
    directory: Path, old: str, new: str, error: str
) -> None:
    assert old in MORE
    written(directory, MORE.replace(old, new))
    (line,) = errors_of()
    assert line.startswith(error), line


def test_port_off_loopback_is_refused_where_its_sessions_are_configured(directory: Path) -> None:
    lines = errors_of("fix_marketdata.host=0.0.0.0")
    assert len(lines) == 2
    assert all(line.startswith("--set fix_marketdata.host: 0.0.0.0 ") for line in lines)
    written(directory, MORE.replace('kind = "marketdata"\n', ""))
    assert isinstance(load_settings(overrides=["fix_marketdata.host=0.0.0.0"]), Settings)


def test_any_free_port_is_chosen_once_for_all_starts() -> None:
    settings = load_settings(overrides=["fix_marketdata.port=0"])
    addresses, overrides = plan.data_addresses(settings, [FIX_MARKETDATA])
    port = addresses[FIX_MARKETDATA.name].removeprefix("127.0.0.1:")
    assert overrides == [f"fix_marketdata.port={port}"]
    fixed = load_settings()
    assert plan.data_addresses(fixed, [FIX_MARKETDATA]) == (
        {FIX_MARKETDATA.name: "127.0.0.1:9879"},
        [],
    )
