"""A venue for other people's tests: it is there with all they need, and nothing is left of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fix_client import FixClient
from tests.fix_message import new_order
from tests.servers.conditions import is_running, programs_with, wait_for
from venue.servers.ports import accepts
from venue.testing import EVERYTHING, Part, RunningVenue, VenueNotReady, running_venue

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "test_a_client.py"
WAITS = """
from venue.testing import running_venue
with running_venue() as venue:
    print(venue.pid, venue.data_dir, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of temporary directories; none may stay there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def client_of(venue: RunningVenue, comp_id: str) -> FixClient:
    session = venue.session(comp_id)
    client = FixClient((session.host, session.port), comp_id)
    client.logon()
    return client


def test_trading_alone_is_there_with_sessions_and_commands(scratch: Path) -> None:
    with running_venue() as venue:
        assert venue.sessions.keys() >= {"ALPHA", "BRAVO"} and venue.host == "127.0.0.1"
        alpha = venue.session("ALPHA")
        assert alpha[:5] == ("ALPHA", "VENUE", "demo", "ALPHA", "trading")
        assert (alpha.host, alpha.port) == venue.address
        client = client_of(venue, "ALPHA")
        client.send("D", new_order("one", "1", "5", "99.00"))
        client.expect_report("one", "0")
        client.logout()
        assert [row["symbol"] for row in venue.json("order", "list", "--all")["orders"]] == ["ACME"]
        assert venue.command("halt", "NOPE").returncode == 1
        assert venue.json("halt", "NOPE")["ok"] is False
        pid = venue.pid
    assert not is_running(pid) and list(scratch.iterdir()) == []


def test_what_does_not_run_is_named() -> None:
    with running_venue() as venue:
        with pytest.raises(KeyError, match="ALPHA-MD is none of ALPHA, BRAVO"):
            venue.session("ALPHA-MD")
        with pytest.raises(VenueNotReady, match="gateway does not run"):
            _ = venue.gateway_url


def test_it_comes_back_at_its_port_with_what_it_had_acknowledged() -> None:
    with running_venue() as venue:
        address = venue.address
        client = client_of(venue, "ALPHA")
        client.send("D", new_order("one", "1", "5", "99.00", tif="1"))
        client.expect_report("one", "0")
        venue.kill()
        client.close()
        assert not venue.is_running
        venue.start()
        assert venue.address == address
        assert len(venue.json("order", "list")["orders"]) == 1
        assert venue.stop() == 0


def test_nothing_is_left_when_a_test_fails(scratch: Path) -> None:
    pid = 0
    with pytest.raises(ZeroDivisionError), running_venue() as venue:
        pid = venue.pid
        1 / 0  # noqa: B018
    assert pid and not is_running(pid) and list(scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_runs_on_when_the_tests_are_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as tests:
        assert tests.stdout is not None
        pid, data_dir = tests.stdout.readline().split()
        assert is_running(int(pid))
        tests.send_signal(number)
        tests.wait(60)
    wait_for(lambda: not is_running(int(pid)), 30)
    assert Path(data_dir).exists() == (number == signal.SIGKILL)


def test_configuration_that_is_none_is_said_in_a_line() -> None:
    with pytest.raises(VenueNotReady, match=r"fix\.prot"), running_venue(settings=["fix.prot=1"]):
        pass


def test_members_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own"
    made = [sys.executable, "-m", "venue", "init", str(own)]
    subprocess.run(made, check=True, capture_output=True, cwd=ROOT)
    config = own / "venue.toml"
    config.write_text(config.read_text().replace('"DELTA"', '"FOXTROT"'))
    sessions = own / "sessions.cfg"
    sessions.write_text(sessions.read_text().replace("=DELTA\n", "=FOXTROT\n"))
    with running_venue(config=config) as venue:
        client_of(venue, "FOXTROT").logout()


def test_whole_venue_has_every_part_and_ends_with_all_of_it(scratch: Path) -> None:
    with running_venue(EVERYTHING) as venue:
        runtime = venue.runtime
        pids = [*runtime.processes.values(), *runtime.servers.values()]
        assert {session.kind for session in venue.sessions.values()} == {
            "trading", "marketdata", "dropcopy",
        }  # fmt: skip
        for name in ("ALPHA", "ALPHA-MD", "ALPHA-DC"):
            client_of(venue, name).logout()
        assert accepts(venue.gateway_url.removeprefix("http://"))
        assert venue.json("status")["ok"]
        formats = venue.json("upgrade", "--check")["formats"]
        found = {each["store"]: each["next_start"] for each in formats}
        assert found["stream"] in ("works", "begins")
        assert found["ledger schema"] in ("works", "begins")
    assert len(pids) > 5 and not any(map(is_running, pids))
    assert list(scratch.iterdir()) == [] and programs_with(scratch) == []


def test_nothing_runs_on_where_a_test_has_killed_what_runs_all_others() -> None:
    with running_venue([Part.DROPCOPY]) as venue:
        pids = [*venue.runtime.processes.values(), *venue.runtime.servers.values()]
        os.kill(venue.pid, signal.SIGKILL)
    assert len(pids) > 4 and not any(map(is_running, pids))


def test_part_that_is_not_named_does_not_run() -> None:
    with running_venue([Part.DROPCOPY]) as venue:
        assert venue.runtime.addresses.keys() == {"fix-dropcopy"}
        pids = [*venue.runtime.processes.values(), *venue.runtime.servers.values()]
        venue.kill()
        assert not any(map(is_running, pids))


def test_example_tests_its_client(scratch: Path) -> None:
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", str(EXAMPLE)]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=ROOT, env=os.environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert [each for each in scratch.iterdir() if each.name.startswith("venue-")] == []


def test_pytest_is_imported_by_the_plugin_alone() -> None:
    program = "import sys, venue.testing; print('pytest' in sys.modules, 'quickfix' in sys.modules)"
    said = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT)
    assert said.split() == ["False", "False"]
