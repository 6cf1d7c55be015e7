"""Where the data directory is: every command finds it as `venue run` does."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from venue.cli.main import app
from venue.settings.settings import load_settings

NAMING = {
    "status": "no venue is running in {}",
    "kill all": "no venue is running in {}",
    "order new ACME buy 1 --price 9": "no venue is running in {}",
    "config apply": "no venue is running in {}",
    "day start": "no venue is running in {}",
    "tail": "no venue is running in {}",
    "ledger trial-balance": "no venue is running in {}",
    "bench load --closed 1 --seconds 1": "no venue is running in {}",
    "journal verify": "no journal in {}",
    "explain 1": "no journal in {}",
    "replay": "no journal in {}",
    "fix log --session ALPHA": "{}",
}
"""Commands that name the data directory where nothing runs in it."""


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without anything that says where the data are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VENUE_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


def run(typed: str) -> Result:
    return CliRunner().invoke(app, typed.split())


def told(typed: str) -> str:
    """What a command says that finds nothing."""
    result = run(typed)
    assert result.exit_code == 1, result.output
    return f"{result.stderr}{result.exception}"


def shipped_with(data_dir: str) -> str:
    text = (Path(__file__).resolve().parents[2] / "venue.toml").read_text()
    return text.replace('data_dir = ".venue"', f'data_dir = "{data_dir}"')


@pytest.mark.parametrize("typed", NAMING)
def test_file_variable_and_option_are_heard_in_this_order(
    typed: str, working_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = NAMING[typed]
    assert says.format(".venue") in told(typed)
    (working_directory / "venue.toml").write_text(shipped_with("of-file"))
    assert says.format("of-file") in told(typed)
    monkeypatch.setenv("VENUE_DATA_DIR", "of-variable")
    assert says.format("of-variable") in told(typed)
    assert says.format("given") in told(f"{typed} --data-dir given")
    assert says.format("before") in told(f"--data-dir before {typed}")


def test_run_finds_the_same(working_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (working_directory / "venue.toml").write_text(shipped_with("of-file"))
    assert load_settings().data_dir == Path("of-file")
    monkeypatch.setenv("VENUE_DATA_DIR", "of-variable")
    assert load_settings().data_dir == Path("of-variable")


def test_file_that_is_given_is_the_one_that_is_read(working_directory: Path) -> None:
    (working_directory / "other.toml").write_text(shipped_with("of-other"))
    assert "no venue is running in of-other" in told("config apply --config other.toml")


@pytest.mark.parametrize(
    ("text", "says"), [("data_dir = ", "venue.toml: "), ("data_dir = 5", "data_dir is no text")]
)
def test_file_that_says_nothing_clear_is_not_passed_over(
    text: str, says: str, working_directory: Path
) -> None:
    (working_directory / "venue.toml").write_text(text)
    result = run("kill all --yes")
    assert result.exit_code == 2
    assert says in result.stderr and "--data-dir" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "no venue is running in here" in told("kill all --yes --data-dir here")
