"""URLs with passwords may stand in files that the environment names, as containers have them."""

import os
from pathlib import Path

import pytest

from tests.settings_example import errors_of, write_configuration
from venue.settings.settings import load_settings
from venue.settings.url_files import URL_FILES
from venue.settings.urls import URLS

URL = "postgresql://venue_writer:hunter2@db/venue"


@pytest.fixture(autouse=True)
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a URL, beside a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    for name in [name for name in os.environ if name.upper() in URL_FILES]:
        monkeypatch.delenv(name)
    file = tmp_path / "secret"
    file.write_text(f"{URL}\n")
    return file


def test_each_url_may_stand_in_a_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(URL_FILES.values()) == sorted(URLS)
    monkeypatch.setenv("VENUE_DATABASE_URL_FILE", str(secret))
    settings = load_settings()
    assert settings.database_url == URL
    assert settings.origin("database_url") == "VENUE_DATABASE_URL_FILE"
    assert load_settings(overrides=["database_url="]).database_url == "", "--set goes before it"


@pytest.mark.parametrize("content", [None, "", " \n", "mysql://venue:hunter2@db/venue"])
def test_file_that_gives_none_stops_the_start_without_a_secret(
    content: str | None, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUE_DATABASE_URL_FILE", str(secret))
    if content is None:
        secret.unlink()
    else:
        secret.write_text(content)
    (error,) = errors_of()
    assert error.startswith("VENUE_DATABASE_URL_FILE: ")
    assert "hunter2" not in error


def test_both_are_a_contradiction_but_an_empty_variable_is_none(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUE_DATABASE_URL", URL)
    monkeypatch.setenv("VENUE_DATABASE_URL_FILE", str(secret))
    (error,) = errors_of()
    assert error == "VENUE_DATABASE_URL_FILE: VENUE_DATABASE_URL is given too; give one of them"
    monkeypatch.setenv("VENUE_DATABASE_URL_FILE", "")
    assert load_settings().database_url == URL
    monkeypatch.setenv("VENUE_DATABASE_URL", "")
    assert load_settings().database_url == ""
