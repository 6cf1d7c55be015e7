"""`venue run` with [gate]: in the ready line, started again when it dies, stopped with the rest."""

import os
import signal
from pathlib import Path

from tests.fix_client import FixClient
from tests.gate.running_gate import Authority
from tests.running_venue import RunningVenue
from tests.servers.conditions import is_running, wait_for
from venue.servers.ports import free_port
from venue.settings.settings import shipped


def test_gate_runs_with_the_venue(tmp_path: Path, authority: Authority) -> None:
    port = free_port()
    authority.write_server(tmp_path)
    config = tmp_path / "venue.toml"
    config.write_text(
        f"{shipped('venue.toml').read_text()}\n[gate]\nport = {port}\n"
        f'certificate = "{tmp_path}/gate.pem"\nkey = "{tmp_path}/gate.key"\n'
    )
    venue = RunningVenue(tmp_path / "data", config)
    with venue:
        assert f" gate=127.0.0.1:{port} " in venue.ready_line
        first = venue.runtime()["processes"]["gate"]
        trade_outside(port, authority)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: venue.runtime()["processes"].get("gate", first) != first)
        second = venue.runtime()["processes"]["gate"]
        wait_for(lambda: listens(port))
        trade_outside(port, authority)
        assert venue.stop() == 0
        assert not is_running(second)


def trade_outside(port: int, authority: Authority) -> None:
    with FixClient(("127.0.0.1", port), "ALPHA", tls=authority.client_context()) as alpha:
        alpha.logon()
        alpha.logout()


def listens(port: int) -> bool:
    with FixClient(("127.0.0.1", port)) as probe:
        try:
            probe.connect()
        except OSError:
            return False
        return True
