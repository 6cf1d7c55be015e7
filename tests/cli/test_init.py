"""`venue init`: a configuration of one's own, commented, that `venue run` takes as it is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from venue.cli.main import app
from venue.settings.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


def run(*typed: str) -> Result:
    return CliRunner().invoke(app, ["init", *typed])


def test_files_are_the_shipped_ones_with_data_beside_them(tmp_path: Path) -> None:
    place = tmp_path / "exchange"
    result = run(str(place))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [str(place / "venue.toml"), str(place / "sessions.cfg")]
    for name in ("venue.toml", "sessions.cfg"):
        shipped = (ROOT / name).read_text().replace('".venue"', f'"{place / "data"}"')
        assert (place / name).read_text() == shipped
        assert (place / name).stat().st_mode & 0o777 == 0o600, "URLs in it have passwords"
    settings = load_settings(place / "venue.toml")
    assert settings.data_dir == place / "data"
    assert settings.configuration_files()[1] == place / "sessions.cfg"
    assert settings.enabled_sessions()[:2] == ["ALPHA", "BRAVO"]


def test_bare_one_has_nobody_and_no_demo_password(tmp_path: Path) -> None:
    assert run(str(tmp_path), "--bare").exit_code == 0
    settings = load_settings(tmp_path / "venue.toml")
    assert (settings.instruments, settings.members, settings.sessions) == ((), (), ())
    assert settings.data_dir == tmp_path / "data"
    text = (tmp_path / "venue.toml").read_text()
    assert '# symbol = "ACME"\n' in text and "\n[[" not in text, "they stand there as examples"


def test_what_is_there_is_replaced_only_when_that_is_said(tmp_path: Path) -> None:
    mine = tmp_path / "venue.toml"
    mine.write_text("mine")
    refused = run(str(tmp_path))
    assert refused.exit_code == 1
    assert refused.stderr == f"replace {mine}: nothing was changed; --yes does it\n"
    assert mine.read_text() == "mine" and not (tmp_path / "sessions.cfg").exists()
    done = run(str(tmp_path), "--yes", "--json")
    assert json.loads(done.stdout) == {
        "ok": True,
        "files": [str(mine), str(tmp_path / "sessions.cfg")],
        "data_dir": str(tmp_path / "data"),
    }
    assert "[fix]" in mine.read_text()


def test_relative_directory_is_one_of_its_own_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run('a "b').exit_code == 0
    monkeypatch.chdir("/")
    assert load_settings(tmp_path / 'a "b' / "venue.toml").data_dir == tmp_path / 'a "b' / "data"


def test_where_nothing_can_be_written_a_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run(str(tmp_path / "file" / "below"), "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"].startswith("not written: Not a directory")
    assert "Traceback" not in refused.output
