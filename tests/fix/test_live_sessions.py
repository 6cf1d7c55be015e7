"""Sessions that the configuration adds, changes and removes while the venue trades."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.operator_desk import BUY, SELL, Desk, enter
from tests.fix_client import FixClient, LogonRefused
from tests.running import RunningTrading
from venue.admin.client import call
from venue.settings.files import shipped

_ECHO = {"member": '"ALPHA"', "password": '"demo"'}


@dataclass
class Files:
    """venue.toml and sessions.cfg: those shipped, and what a test adds."""

    directory: Path
    venue: dict[str, dict[str, str]] = field(default_factory=dict)
    quickfix: dict[str, dict[str, str]] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)

    def write(self) -> Path:
        toml = shipped("venue.toml").read_text()
        for name in self.without:
            head, sign, tail = toml.partition(f'comp_id = "{name}"\n')
            assert sign
            toml = f'{head}comp_id = "{name}"\nenabled = false\n{tail}'
        for name, keys in self.venue.items():
            toml += f'\n[[sessions]]\ncomp_id = "{name}"\n'
            toml += "".join(f"{key} = {value}\n" for key, value in keys.items())
        config = shipped("sessions.cfg").read_text()
        for name in self.venue:
            config += f"\n[SESSION]\nTargetCompID={name}\n"
            config += "".join(f"{k}={v}\n" for k, v in self.quickfix.get(name, {}).items())
        (self.directory / "sessions.cfg").write_text(config)
        file = self.directory / "venue.toml"
        file.write_text(toml)
        return file


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path)
    files.write()
    return files


@pytest.fixture
def trading(files: Files, tmp_path: Path) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path / "data", config=files.directory / "venue.toml") as running:
        yield running


@pytest.fixture
def desk(trading: RunningTrading) -> Desk:
    return Desk(trading.data_dir)


@pytest.fixture
def bravo(trading: RunningTrading) -> Iterator[FixClient]:
    """Who is logged on all the time."""
    client = trading.client("BRAVO")
    client.logon()
    yield client
    enter(client, BUY, "1", "99")
    client.logout()


def apply(desk: Desk, files: Files, *more: str) -> list[str]:
    """Lines that `venue config apply` prints of sessions."""
    told = desk.done("config", "apply", "--config", str(files.write()), *more).splitlines()
    return [line for line in told if line.startswith(("session ", "takes "))]


def sendable(trading: RunningTrading, name: str) -> FixClient:
    client = trading.client(name)
    client.logon()
    return client


def refused(trading: RunningTrading, name: str) -> None:
    with pytest.raises(LogonRefused, match="LOGON_REFUSED the logon is not accepted"):
        trading.client(name).logon()


def test_session_that_is_added_trades_at_once_and_has_its_numbers_after_a_crash(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    refused(trading, "ECHO")
    files.venue["ECHO"] = _ECHO
    assert apply(desk, files, "--dry-run") == ["session ECHO would be added"]
    refused(trading, "ECHO")
    assert apply(desk, files) == ["session ECHO is added"]
    assert "ECHO" in desk.rows("session", "list")
    echo = sendable(trading, "ECHO")
    enter(bravo, SELL, "5", "100")
    enter(echo, BUY, "5", "100")
    fill = echo.expect("8")
    assert (fill[150], fill[32]) == ("F", "5")
    assert bravo.expect("8")[150] == "F"
    trading.kill()
    trading.start()
    for client in (echo, bravo):
        client.address = trading.address
        client.logon()
    enter(echo, BUY, "1", "98")
    echo.logout()


def test_sessions_come_in_several_steps_and_each_is_on_its_own(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    clients = []
    for name in ("ECHO", "FOXTROT", "GOLF"):
        files.venue[name] = _ECHO
        assert apply(desk, files) == [f"session {name} is added"]
        clients.append(sendable(trading, name))
    for client in clients:
        enter(client, BUY, "1", "97")
    clients[1].kill()
    for client in (clients[0], clients[2]):
        enter(client, BUY, "1", "97")
    clients[1].logon()
    for client in clients:
        client.logout()
    assert apply(desk, files) == []


def test_removed_session_is_logged_out_and_refused_and_may_come_back(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    charlie = sendable(trading, "CHARLIE")
    order = enter(charlie, BUY, "3", "96")
    files.without.add("CHARLIE")
    assert apply(desk, files) == ["session CHARLIE is removed"]
    text = "SESSION_REMOVED the configuration has no such session any more"
    assert charlie.expect("5")[58] == text
    charlie.send("5")
    charlie.expect_disconnect()
    refused(trading, "CHARLIE")
    assert "CHARLIE" not in desk.rows("session", "list")
    files.without.clear()
    assert apply(desk, files) == ["session CHARLIE is added"]
    charlie.logon()
    assert charlie.expect_report(order[11], "4")[97] == "Y", "canceled when the session ended"
    charlie.logout()


def test_what_is_said_of_a_session_changes_while_it_is_on(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    files.venue["ECHO"] = dict(_ECHO)
    apply(desk, files)
    echo = sendable(trading, "ECHO")
    assert len(enter(echo, BUY, "1", "97")[52]) == len("20261128-00:00:00.000")
    files.quickfix["ECHO"] = {"TimestampPrecision": "6", "AllowedRemoteAddresses": "10.1.2.3"}
    assert apply(desk, files) == ["session ECHO is changed"]
    assert len(enter(echo, BUY, "1", "97")[52]) == len("20261128-00:00:00.000000")
    echo.logout()
    refused(trading, "ECHO")
    files.quickfix["ECHO"] = {"ValidateFieldsHaveValues": "N"}
    assert apply(desk, files) == [
        "session ECHO is changed",
        "takes a new start: ECHO ValidateFieldsHaveValues",
    ]
    echo.logon()
    assert len(enter(echo, BUY, "1", "97")[52]) == len("20261128-00:00:00.000")
    files.venue["ECHO"]["password"] = '"other"'
    wrong = desk.run("config", "apply", "--config", str(files.write()))
    assert wrong.exit_code == 2 and "venue session password" in wrong.stderr
    del files.venue["ECHO"]["password"]
    assert apply(desk, files) == ["session ECHO is changed"]
    echo.logout()
    refused(trading, "ECHO")


def test_another_name_of_the_venue_waits_and_nothing_else_is_changed_meanwhile(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    """Logons name the venue: a half of the sessions under another name would lock all out."""
    files.venue["ECHO"] = _ECHO
    file = files.write()
    config = files.directory / "sessions.cfg"
    config.write_text(config.read_text().replace("SenderCompID=VENUE", "SenderCompID=OTHER"))
    refusal = desk.run("config", "apply", "--config", str(file))
    assert refusal.exit_code == 1
    assert "SenderCompID takes a new start: no session was changed" in refusal.stderr
    refused(trading, "ECHO")
    sendable(trading, "ALPHA").logout()
    assert apply(desk, files) == ["session ECHO is added"]


def test_files_that_trading_refuses_change_nothing(
    trading: RunningTrading, desk: Desk, files: Files, bravo: FixClient
) -> None:
    """The start's --set counts for trading only: it says what is wrong, and all stays."""
    gone = desk.json("session", "list")
    request = {"configure_sessions": str(files.directory / "no.toml"), "dry_run": False}
    reply = call(trading.data_dir, request)
    assert not reply["ok"] and "no.toml" in reply["error"]
    assert desk.json("session", "list") == gone
