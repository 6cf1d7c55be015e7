"""What the settings say of logons, as authentication takes it."""

from pathlib import Path

import pytest

from tests.settings_example import SESSIONS_CFG, VENUE_TOML, write_configuration
from venue.fix.authentication import Limits
from venue.fix.credentials import Password
from venue.logon_settings import access_of, credentials_of, limits_of
from venue.settings.settings import load_settings


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def test_enabled_sessions_have_what_the_files_ask_of_them(directory: Path) -> None:
    (directory / "venue.toml").write_text(
        VENUE_TOML.replace('password = "demo"', f'certificate_sha256 = ["{"ab" * 32}"]')
    )
    (directory / "sessions.cfg").write_text(
        SESSIONS_CFG.replace("=ALPHA\n", "=ALPHA\nAllowedRemoteAddresses=10.1.2.3\n")
    )
    access = access_of(load_settings())
    assert list(access) == ["ALPHA"], "ALPHA-2 is disabled"
    assert [str(network) for network in access["ALPHA"].addresses] == ["10.1.2.3/32"]
    assert access["ALPHA"].certificates == {"ab" * 32}


def test_credentials_know_the_demo_password_and_the_public_keys(directory: Path) -> None:
    (directory / ".venue").mkdir()
    credentials = credentials_of(load_settings())
    assert credentials.check("ALPHA", Password("demo")).accepted
    assert not credentials.has_key("ALPHA") and credentials.has_key("ALPHA-2")
    assert credentials.set_password("ALPHA", Password("another-one")).changed
    changed = credentials.change_password("ALPHA", Password("another-one"), Password("a-third-one"))
    assert changed.text == "PASSWORD_CHANGED the old one is valid for 24 h more"


def test_limits_are_the_file_s() -> None:
    assert limits_of(load_settings()) == Limits()
    overrides = ["fix.lockout_failures=3", "fix.lockout_seconds=60", "fix.logons_per_minute=9"]
    assert limits_of(load_settings(overrides=overrides)) == Limits(3, 60.0, 9)
