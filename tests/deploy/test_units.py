"""deploy/systemd: units that systemd takes, hardened, with commands that the venue has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import DEPLOY, not_settings, parsed, process_of
from venue.processes import BY_NAME, SINKS

PLACE = DEPLOY / "systemd"
SERVICES = sorted(PLACE.glob("*.service"))
INSTALLED = "/opt/venue/bin/venue"
EXPOSURE_MOST = 20
"""Of 100; systemd calls what is below this OK."""
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd is not on this machine")


def values(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def analyze(*words: str) -> "subprocess.CompletedProcess[str]":
    assert ANALYZE is not None
    return subprocess.run(
        [ANALYZE, *words], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with this environment's program in them; those of a template as one of it."""
    names = {"venue-sink@.service": "venue-sink@clearing.service"}
    names["venue-gate@.service"] = "venue-gate@9898.service"
    program = str(Path(sys.executable).with_name("venue"))
    for file in (*SERVICES, *PLACE.glob("*.timer")):
        text = file.read_text().replace(INSTALLED, program)
        (tmp_path / names.get(file.name, file.name)).write_text(text)
    drop_in = tmp_path / "venue.service.d"
    drop_in.mkdir()
    shutil.copy(PLACE / "own-servers.conf", drop_in)
    return tmp_path


@needs_systemd
def test_systemd_takes_each_unit(installed: Path) -> None:
    for unit in sorted(path for path in installed.iterdir() if path.is_file()):
        done = analyze("verify", str(unit))
        said = [
            line for line in done.stderr.splitlines() if str(installed) in line or unit.name in line
        ]
        assert (done.returncode, said) == (0, []), unit.name


@needs_systemd
def test_unit_that_is_wrong_would_be_seen(installed: Path) -> None:
    unit = installed / "venue.service"
    unit.write_text(unit.read_text().replace("/venue run", "/no-such-program run"))
    assert analyze("verify", str(unit)).returncode != 0


@needs_systemd
def test_units_are_little_exposed(installed: Path) -> None:
    for unit in installed.glob("*.service"):
        done = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MOST}", str(unit))
        assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_command_and_environment_are_the_venues(unit: Path) -> None:
    (line,) = values(unit, "ExecStart")
    if unit.name == "venue-backup.service":
        (backup,) = re.findall(rf"exec {INSTALLED} (\w+)", line)
        assert "directory" in parsed(["venue", backup, "somewhere"])
    else:
        instance = "clearing" if "sink" in unit.name else "9898"
        words = line.replace("%i", instance).split()
        assert words[0] == INSTALLED
        process = process_of(words)
        name = "" if process is None else f"-{process.name}"
        assert (
            unit.stem.rstrip("@").removesuffix("-sink")
            + ("-clearing" if "sink" in unit.name else "")
            == f"venue{name}"
        )
        assert str(parsed(words)["config"]) == "/etc/venue/venue.toml"
    names = [
        word.partition("=")[0] for each in values(unit, "Environment") for word in each.split()
    ]
    assert "VENUE_DATA_DIR" in names
    assert not_settings(names) == []


def test_every_sink_that_may_run_apart_is_named_in_its_unit() -> None:
    text = (PLACE / "venue-sink@.service").read_text()
    apart = set(re.findall(r"@(\w+)", text.partition("[Unit]")[0]))
    assert apart < {sink.name for sink in SINKS}


def test_variables_of_the_drop_in_are_settings_with_a_credential_each() -> None:
    file = PLACE / "own-servers.conf"
    given = dict(each.split("=%d/") for each in values(file, "Environment"))
    assert not_settings(given) == []
    loaded = [each.partition(":")[0] for each in values(file, "LoadCredential")]
    assert list(given.values()) == loaded


def test_stop_reaches_the_supervisor_alone_and_has_its_time() -> None:
    unit = PLACE / "venue.service"
    assert values(unit, "KillMode") == ["mixed"]
    longest = max(process.stop_seconds for process in BY_NAME.values())
    ranks = {process.stop_rank for process in BY_NAME.values()}
    assert int(values(unit, "TimeoutStopSec")[0]) >= longest * len(ranks)
    assert values(unit, "RestartPreventExitStatus") == ["2"]
    assert "RemoveIPC=yes" not in unit.read_text(), "the durable position is in /dev/shm"


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not here")
def test_account_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = ["systemd-sysusers", f"--root={tmp_path}", str(PLACE / "venue.sysusers")]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    assert re.search(r"^venue:", (tmp_path / "etc" / "passwd").read_text(), re.MULTILINE)
    assert re.search(r"^venue-operators:.*:venue$", (tmp_path / "etc" / "group").read_text(), re.M)
