"""`venue config show`: every key, its value and its origin; never a password."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.settings_example import write_configuration
from venue.cli.desk.config import app


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


def test_json_has_value_and_origin_of_every_key() -> None:
    result = CliRunner().invoke(app, ["show", "--json", "--set", "fix.port=1"])
    assert result.exit_code == 0
    shown = {entry["key"]: entry for entry in json.loads(result.stdout)["settings"]}
    assert (shown["fix.port"]["value"], shown["fix.port"]["origin"]) == ("1", "--set fix.port")
    assert shown["fix.port"]["description"].startswith("port of FIX order entry")
    assert shown["risk.max_value"]["origin"] == "default"
    assert shown["instruments.ACME.tick_size"]["origin"] == "venue.toml:14"
    assert shown["members.ALPHA.funds"]["value"] == "USD=1000, BTC=0.5"


def test_passwords_and_tokens_are_masked() -> None:
    result = CliRunner().invoke(app, ["show", "--set", "nats_url=nats://s3cret@h"])
    assert result.exit_code == 0
    told = result.stdout.replace("gateway.demo_users", "")
    assert "demo" not in told and "s3cret" not in result.stdout
    assert "nats://***@h" in result.stdout


def test_beginning_of_a_key_selects() -> None:
    lines = CliRunner().invoke(app, ["show", "journal.seg"]).stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [["journal.segment_mib", "256", "default"]]


def test_key_that_does_not_exist_is_exit_1() -> None:
    result = CliRunner().invoke(app, ["show", "nothing"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "the configuration has no key that begins with nothing\n"


def test_wrong_configuration_is_one_line_and_exit_2() -> None:
    result = CliRunner().invoke(app, ["show", "--set", "fix.prt=1"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--set fix.prt: unknown; did you mean fix.port?\n"
