"""The processes of `venue run` read a checked copy: a half-finished edit stops none of them."""

import os
import signal
import stat
from pathlib import Path

import pytest

from tests.fix_message import new_order
from tests.running_venue import ASK_SECONDS, RunningVenue
from tests.servers.conditions import wait_for
from venue.checked_configuration import CheckedConfiguration
from venue.settings.configuration_error import ConfigurationError
from venue.settings.files import shipped

BUY, SELL = "1", "2"
ECHO = '\n[[sessions]]\ncomp_id = "ECHO"\nmember = "ALPHA"\npassword = "demo"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped configuration in a directory of its own, where it can be edited."""
    directory = tmp_path / "etc"
    (directory / "spec").mkdir(parents=True)
    for name in ("venue.toml", "sessions.cfg", "spec/FIX44.xml"):
        (directory / name).write_bytes(shipped(name).read_bytes())
    return directory / "venue.toml"


def restart(venue: RunningVenue, *names: str) -> None:
    """kill -9 of these processes; returns once all of them are up again and the venue is well."""
    before = venue.runtime()["processes"]
    for name in names:
        os.kill(before[name], signal.SIGKILL)

    def is_back() -> bool:
        now = venue.runtime()["processes"]
        return (
            all(now.get(name) not in (None, before[name]) for name in names)
            and (venue.asked("status")["healthy"])
        )

    wait_for(is_back, 120, ASK_SECONDS)


def trade(venue: RunningVenue, tag: str) -> None:
    """A trade between ALPHA and BRAVO, logged on anew."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    for client in (alpha, bravo):
        client.logon(extra=[(9001, "N")])
    alpha.send("D", new_order(f"rests-{tag}", BUY, "1", "99.00"))
    alpha.expect_report(f"rests-{tag}", "0")
    bravo.send("D", new_order(f"takes-{tag}", SELL, "1", "99.00"))
    bravo.expect_report(f"takes-{tag}", "F")
    venue.disconnect_clients()


def test_a_half_finished_edit_stops_no_process_and_what_is_applied_is_what_the_next_has(
    tmp_path: Path, config: Path
) -> None:
    good = config.read_text()
    sessions = config.with_name("sessions.cfg")
    good_sessions = sessions.read_text()
    with RunningVenue(tmp_path / "data", config) as venue:
        trade(venue, "before")
        config.write_text(good + "\n[[members]\nname = ")
        sessions.write_text("[SESSION]\nTargetCompID")
        config.with_name("spec").rename(config.with_name("moved"))
        restart(venue, "trading", "publisher", "followers", "replica")
        trade(venue, "after")
        backup = tmp_path / "backup"
        assert venue.command("backup", str(backup)).returncode == 0
        assert (backup / "configuration" / "venue.toml").read_text() == good
        assert (backup / "configuration" / "sessions.cfg").read_text() == good_sessions

        refused = venue.command("config", "apply", "--config", str(config))
        assert refused.returncode == 2 and str(config) in refused.stderr
        config.with_name("moved").rename(config.with_name("spec"))
        config.write_text(good + ECHO)
        sessions.write_text(good_sessions + "\n[SESSION]\nTargetCompID=ECHO\n")
        dry = venue.command("config", "apply", "--config", str(config), "--dry-run")
        assert "session ECHO would be added" in dry.stdout
        restart(venue, "trading")
        assert "ECHO" not in venue.command("session", "list").stdout
        applied = venue.command("config", "apply", "--config", str(config))
        assert "session ECHO is added" in applied.stdout, applied.stderr
        sessions.write_text("")
        restart(venue, "trading", "followers")
        echo = venue.client("ECHO")
        echo.logon(extra=[(9001, "N")])
        venue.disconnect_clients()
        assert venue.stop() == 0


def test_copy_is_its_owners_alone_and_keeps_only_what_is_in_force(
    tmp_path: Path, config: Path
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    files = CheckedConfiguration(data_dir)
    for level in ("info", "debug", "error", "warning"):
        text = shipped("venue.toml").read_text()
        config.write_text(f'log_level = "{level}"\n{text.replace("log_level", "# log_level")}')
        files.take(config).put_in_force()
        assert files.load(files.index).log_level == level
    directory = files.index.parent
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    kept = list(directory.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert len([file for file in kept if file.suffix == ".toml"]) == 2  # and the one before
    assert files.files()[config].read_text() == config.read_text()


def test_what_is_wrong_with_the_files_names_them_and_leaves_the_copy(
    tmp_path: Path, config: Path
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    files = CheckedConfiguration(data_dir)
    files.take(config).put_in_force()
    config.write_text('log_level = "loud"')
    with pytest.raises(ConfigurationError, match=f"{config}:1 log_level"):
        files.take(config)
    assert files.load(files.index).log_level == "info"


def test_start_without_its_copy_is_refused_with_one_line(tmp_path: Path) -> None:
    files = CheckedConfiguration(tmp_path)
    with pytest.raises(ConfigurationError, match="start the venue anew"):
        files.load(files.index)


def test_keys_of_the_gate_are_not_copied_and_may_be_missing_for_a_moment(
    tmp_path: Path, config: Path
) -> None:
    """A program that renews them replaces them; no other process waits for that."""
    files_of_gate = {name: config.with_name(f"{name}.pem") for name in ("certificate", "key")}
    for name, file in files_of_gate.items():
        file.write_text(f"the {name}")
    named = "".join(f'{name} = "{file.name}"\n' for name, file in files_of_gate.items())
    config.write_text(f"{config.read_text()}\n[gate]\nport = 0\n{named}")
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    files = CheckedConfiguration(data_dir)
    files.take(config).put_in_force()
    assert not [each for each in files.index.parent.iterdir() if "the key" in each.read_text()]
    for file in files_of_gate.values():
        file.unlink()
    gate = files.load(files.index).gate
    assert gate is not None and gate.key == files_of_gate["key"]
    assert files_of_gate["key"] not in files.files()
