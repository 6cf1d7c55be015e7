"""What compose.yaml starts, started without an engine: the venue's own configuration and secrets,
a nats-server with the configuration that the script makes, and a PostgreSQL with one login.

A broker logs on from outside by TLS with the password that was set, and trades.
"""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clearing.test_handover import bare
from tests.deploy.test_compose import CONFIGURATION, VENUE
from tests.fix_client import FixClient
from tests.fix_message import Field, cancel, new_order
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.servers import ServerError, nats
from venue.servers.child import spawn
from venue.servers.ports import free_port

PASSWORD = "a-password-of-ALPHA's-own"
STAYS: list[Field] = [(9001, "N")]
"""Its orders stay when its connection ends."""
LOOPBACK = {f"VENUE_{name}__HOST": "127.0.0.1" for name in ("GATE", "GATEWAY", "METRICS")}
PORTS = ("GATE__PORT", "GATE__MARKETDATA_PORT", "GATE__DROPCOPY_PORT", "GATEWAY__PORT")


@pytest.fixture(scope="module")
def servers(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """NATS and PostgreSQL; the URLs of both."""
    scratch = tmp_path_factory.mktemp("servers")
    port = free_port()
    text = (secrets / "nats_config").read_text()
    for inside, here in (
        ("0.0.0.0:4222", f"127.0.0.1:{port}"),
        ("http: 127.0.0.1:8222\n", ""),
        ("/var/lib/nats", str(scratch / "nats")),
    ):
        assert inside in text
        text = text.replace(inside, here)
    config = scratch / "nats.conf"
    config.write_text(text)
    bus = spawn("nats", [str(nats.binary()), "-c", str(config)], log_file=scratch / "nats.log")
    database = bare(scratch / "postgres")
    url = (secrets / "nats_url").read_text().strip().replace("nats:4222", f"127.0.0.1:{port}")
    try:
        wait_for(lambda: answers(url))
        yield {"nats_url": url, "database_url": database.url}
    finally:
        database.stop()
        bus.stop()


def answers(nats_url: str) -> bool:
    """Whether its JetStream does."""
    try:
        nats.check_reachable(nats_url)
    except ServerError:
        return False
    return True


@pytest.fixture(scope="module")
def venue(
    servers: dict[str, str], secrets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningVenue]:
    """With the environment of its container, but for where the secrets and the ports are."""
    scratch = tmp_path_factory.mktemp("compose")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in VENUE["environment"].items():
            patch.setenv(name, value.replace("/run/secrets", str(secrets)))
        for name, url in servers.items():
            (scratch / name).write_text(url)
            patch.setenv(f"VENUE_{name.upper()}_FILE", str(scratch / name))
        for name, value in LOOPBACK.items():
            patch.setenv(name, value)
        for name in PORTS:
            patch.setenv(f"VENUE_{name}", str(free_port()))
        patch.setenv("VENUE_METRICS__PORT", "0")
        with RunningVenue(scratch / "data", CONFIGURATION) as running:
            yield running
            running.disconnect_clients()
            assert running.stop() == 0, running.log()


def test_no_password_is_in_a_command_line_or_in_an_environment_that_is_shown(
    venue: RunningVenue, secrets: Path
) -> None:
    password = (secrets / "nats_password").read_text().strip()
    for pid in venue.pids():
        assert password not in Path(f"/proc/{pid}/cmdline").read_text()
    own = Path(f"/proc/{venue.runtime()['pid']}/environ").read_text()
    assert password not in own and "VENUE_NATS_URL_FILE" in own


def test_health_check_of_the_image_is_well_and_servers_are_the_given_ones(
    venue: RunningVenue,
) -> None:
    assert venue.command("day", "status").returncode == 0
    status = venue.json("status")
    assert status["healthy"] and status["servers"] == []


def test_broker_trades_from_outside_by_tls(venue: RunningVenue, secrets: Path) -> None:
    alpha, bravo = outside(secrets, "ALPHA"), outside(secrets, "BRAVO")
    for session in ("ALPHA", "BRAVO"):
        set_password(venue, session)
    for client in (alpha, bravo):
        client.logon(PASSWORD)
    alpha.send("D", new_order("a1", "1", "2", "100.00"))
    alpha.expect_report("a1", "0")
    bravo.send("D", new_order("b1", "2", "2", "100.00"))
    bravo.expect_report("b1", "F")
    alpha.expect_report("a1", "F")
    for client in (alpha, bravo):
        client.logout()
    assert venue.wait_for_trades(1)["trades"] == 1


def test_restart_keeps_what_a_session_is_promised(venue: RunningVenue, secrets: Path) -> None:
    with outside(secrets, "ALPHA") as alpha:
        alpha.logon(PASSWORD, extra=STAYS)
        alpha.send("D", new_order("rests", "1", "7", "99.00"))
        alpha.expect_report("rests", "0")
        assert venue.stop() == 0, venue.log()
        assert alpha.expect("5").get(58), "it is told why"
        venue.start()
        alpha.logon(PASSWORD, reset=False, extra=STAYS)
        open_orders = venue.json("order", "list", "--member", "ALPHA")["orders"]
        assert [row["cl_ord_id"] for row in open_orders] == ["rests"]
        alpha.send("F", cancel("c1", "rests", "1"))
        alpha.expect_report("c1", "4")
        alpha.logout()


def outside(secrets: Path, session: str) -> FixClient:
    """A broker's client at the gate, which trusts the venue's own certificate."""
    trust = ssl.create_default_context(cafile=str(secrets / "gate_certificate"))
    address = ("127.0.0.1", int(os.environ["VENUE_GATE__PORT"]))
    return FixClient(address, session, tls=trust)


def set_password(venue: RunningVenue, session: str) -> None:
    """As docs/DEPLOY.md says: from stdin, at once, for there was none."""
    command = [sys.executable, "-P", "-m", "venue", "--data-dir", str(venue.data_dir)]
    done = subprocess.run(
        [*command, "session", "password", session],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
