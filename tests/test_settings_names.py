"""Names in lists of the configuration: one that names nothing is refused, with those there are."""

import json
from pathlib import Path

import pytest

from tests.settings_example import VENUE_TOML, errors_of, write_configuration
from venue.domain.commands import ACTIONS
from venue.settings.settings import load_settings


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)


@pytest.mark.parametrize("wrong", ["BustTrades", "kill", "EnterOrder", "Approve", ""])
def test_command_that_is_none_is_no_second_operator_s(wrong: str) -> None:
    names = ", ".join(ACTIONS)
    Path("venue.toml").write_text(f'{VENUE_TOML}[control]\nfour_eyes = ["Kill", "{wrong}"]\n')
    assert errors_of() == [
        f"venue.toml:52 [control] four_eyes[1]: {wrong} is no command; there are {names}"
    ]


def test_every_command_that_can_be_held_may_be_named() -> None:
    Path("venue.toml").write_text(f"{VENUE_TOML}[control]\nfour_eyes = {json.dumps(ACTIONS)}\n")
    assert load_settings().control.four_eyes == ACTIONS
    assert "BustTrade" in ACTIONS


@pytest.mark.parametrize(
    ("restricted", "what"),
    [
        ("ACMES", "ACMES is unknown; did you mean ACME?"),
        ("BTC-USD:sell XYZ", "XYZ is unknown; known are ACME, BTC-USD"),
        ("ACME ACME:hold", "ACME:hold is neither ACME, ACME:buy nor ACME:sell"),
        ("ACME ACME:buy BTC-USD:sell", ""),
    ],
)
def test_restriction_names_what_is_traded(restricted: str, what: str) -> None:
    key = f'[members.limits]\nrestricted = "{restricted}"\n'
    Path("venue.toml").write_text(
        VENUE_TOML.replace("[members.funds]\n", key + "[members.funds]\n")
    )
    if what:
        assert errors_of() == [f"venue.toml:33 [[members]] ALPHA limits.restricted: {what}"]
    else:
        load_settings()
