"""`venue use`: a remembered data directory, behind all that is said and all that stands here."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from venue.cli.main import app
from venue.settings.settings import load_settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, of an account that remembers nothing."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("VENUE_DATA_DIR", raising=False)
    return place


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data directory elsewhere, which the account remembers."""
    data_dir = tmp_path / "elsewhere"
    (data_dir / "journal").mkdir(parents=True)
    assert run("use", str(data_dir)).exit_code == 0
    return data_dir


def run(*typed: str) -> Result:
    return CliRunner().invoke(app, [*typed])


def asked() -> str:
    """The directory in which a command looks for a venue."""
    result = run("status")
    assert result.exit_code == 1
    return result.stderr.strip().removeprefix("no venue is running in ")


def test_remembered_directory_is_asked_where_nothing_else_is_said(kept: Path) -> None:
    assert asked() == str(kept)
    assert json.loads(run("use", "--json").stdout) == {
        "ok": True,
        "data_dir": str(kept),
        "because": "venue use",
    }


def test_what_is_said_or_stands_here_goes_before_it(
    kept: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".venue").mkdir()
    assert asked() == ".venue", "a venue was run here"
    (here / "venue.toml").write_text('data_dir = "of-file"')
    assert asked() == "of-file"
    monkeypatch.setenv("VENUE_DATA_DIR", "of-variable")
    assert asked() == "of-variable"
    assert "no venue is running in given" in run("status", "--data-dir", "given").stderr
    assert run("use").stdout == f"{here / 'of-variable'}  (VENUE_DATA_DIR)\n"


def test_run_starts_nothing_there(kept: Path) -> None:
    assert load_settings().data_dir == Path(".venue") != kept


def test_shipped_configuration_is_not_applied_to_it(kept: Path) -> None:
    refused = run("config", "apply")
    assert refused.exit_code == 2
    assert refused.stderr == f"{kept} has a configuration of its own: name it by --config\n"


def test_directory_of_init_means_its_data(tmp_path: Path) -> None:
    assert run("init", str(tmp_path / "own")).exit_code == 0
    assert run("use", str(tmp_path / "own")).exit_code == 0
    assert asked() == str(tmp_path / "own" / "data")
    (tmp_path / "own" / "venue.toml").write_text('data_dir = "near"')
    assert run("use", "../own").exit_code == 0
    assert Path(asked()).resolve() == tmp_path / "own" / "near"


def test_forgotten_it_is_asked_no_more(kept: Path) -> None:
    assert run("use", "--forget").exit_code == 0
    assert asked() == ".venue"
    assert run("use", "--forget").exit_code == 0, "there was nothing to forget"
    assert run("use", "--forget", str(kept)).exit_code == 2


def test_what_is_no_data_directory_is_refused_and_the_old_one_stays(
    kept: Path, tmp_path: Path
) -> None:
    refused = run("use", str(tmp_path))
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{tmp_path} has neither a journal nor a venue.toml")
    assert asked() == str(kept)


def test_file_that_cannot_be_read_is_an_error_and_not_passed_over(
    kept: Path, tmp_path: Path
) -> None:
    (tmp_path / "config" / "venue" / "data-dir").write_text("relative\n")
    result = run("kill", "all", "--yes")
    assert result.exit_code == 2
    assert "has no absolute path: venue use DIR" in result.stderr
