"""`venue run` with [gate]: every kind of sessions from outside, by TLS, through one process.

It is in the ready line, started again when it dies, and stopped with the rest.
"""

import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Message, new_order
from tests.gate.running_gate import Authority
from tests.gate.test_tls import digest
from tests.running_venue import RunningVenue
from tests.servers.conditions import is_running, wait_for
from venue.servers.ports import free_port
from venue.settings.settings import shipped

HEAD = 'comp_id = "ALPHA-MD"\n'
REFUSED = "LOGON_REFUSED the logon is not accepted"


class Outside:
    """A venue with a gate. ALPHA-MD is bound to a certificate. ports: of the gate, by kind."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        self.ports = {kind: free_port() for kind in ("trading", "marketdata", "dropcopy")}
        self.authority = authority
        self.certificate = authority.ca.issue_cert("alpha-md@example.org")
        authority.write_server(directory)
        authority.ca.cert_pem.write_to_path(str(directory / "clients.pem"))
        text = shipped("venue.toml").read_text()
        assert text.count(HEAD) == 1
        bound = f'{HEAD}certificate_sha256 = ["{digest(self.certificate)}"]\n'
        config = directory / "venue.toml"
        config.write_text(
            f"{text.replace(HEAD, bound)}\n[gate]\nport = {self.ports['trading']}\n"
            f"marketdata_port = {self.ports['marketdata']}\n"
            f"dropcopy_port = {self.ports['dropcopy']}\n"
            f'certificate = "{directory}/gate.pem"\nkey = "{directory}/gate.key"\n'
            f'client_ca = "{directory}/clients.pem"\nclient_certificate = "optional"\n'
        )
        self.venue = RunningVenue(directory / "data", config)

    def context(self, certificate: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """TLS of a client outside."""
        return self.authority.client_context(certificate)

    def client(
        self, kind: str, session: str, certificate: trustme.LeafCert | None = None
    ) -> FixClient:
        """A client outside, at the gate's port of that kind."""
        address = ("127.0.0.1", self.ports[kind])
        return FixClient(address, session, tls=self.context(certificate))

    def connection(self, session: str) -> dict[str, object]:
        """Where a session that is on comes from, as the operator sees it."""
        told = self.venue.json("session", "show", session)["session"]["connection"]
        assert isinstance(told, dict)
        return told


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Outside]:
    outside = Outside(tmp_path_factory.mktemp("outside"), authority)
    with outside.venue:
        yield outside


def test_market_data_is_read_from_outside_by_who_shows_its_certificate(outside: Outside) -> None:
    with pytest.raises(LogonRefused, match=REFUSED):
        outside.client("marketdata", "ALPHA-MD").logon()
    with outside.client("marketdata", "ALPHA-MD", outside.certificate) as reader:
        reader.source = "127.0.0.5"
        reader.logon()
        head = [(262, "r1"), (263, "1"), (264, "0"), (267, "2"), (269, "0"), (269, "1")]
        reader.send("V", [*head, (146, "1"), (55, "ACME")])
        assert reader.expect("W")[55] == "ACME"
        with outside.client("trading", "BRAVO") as bravo:
            bravo.logon()
            bravo.send("D", new_order("b1", "1", "10", "98.00"))
            bravo.expect_report("b1", "0")
            assert reader.expect("X")[270] == "98.00"
            bravo.logout()
        told = outside.connection("ALPHA-MD")
        assert told["secure"] is True and str(told["address"]).startswith("127.0.0.5:")
        reader.logout()


def test_copies_come_to_who_listens_from_outside(outside: Outside) -> None:
    with outside.client("dropcopy", "CHARLIE-DC") as listener:
        listener.logon()
        with outside.client("trading", "CHARLIE") as charlie:
            charlie.logon()
            charlie.send("D", new_order("c1", "1", "10", "98.00", "GLOBEX"))
            charlie.expect_report("c1", "0")
            charlie.logout()

        def is_copy(message: Message) -> bool:
            return message.msg_type == "8" and message.get(11) == "c1"

        assert listener.expect(is_copy, 30)[797] == "Y"
        assert outside.connection("CHARLIE-DC")["secure"] is True
        listener.logout()


def test_session_at_another_kind_s_port_is_told_both_of_its_own(outside: Outside) -> None:
    port = outside.venue.address_of("fix-dropcopy")[1]
    with pytest.raises(LogonRefused) as refused:
        outside.client("trading", "DELTA-DC").logon()
    where = f"its port is {port}, of the gate {outside.ports['dropcopy']}"
    assert str(refused.value) == f"WRONG_PORT DELTA-DC is a dropcopy session: {where}"


def test_wrong_passwords_lock_an_address_out_at_these_ports_too(outside: Outside) -> None:
    for _ in range(5):
        with pytest.raises(LogonRefused, match=REFUSED):
            outside.client("marketdata", "DELTA-MD").logon("wrong-password")
    with pytest.raises(LogonRefused, match=REFUSED):
        outside.client("marketdata", "DELTA-MD").logon()
    assert "locked out" in (outside.venue.data_dir / "logs" / "fix-marketdata.log").read_text()


def test_gate_is_one_process_that_is_started_again_and_stopped_with_the_rest(
    outside: Outside,
) -> None:
    venue, ports = outside.venue, outside.ports
    for name, kind in (("gate", "trading"), ("gate-dropcopy", "dropcopy")):
        assert f" {name}=127.0.0.1:{ports[kind]} " in venue.ready_line
    first = venue.runtime()["processes"]["gate"]
    trade_outside(outside)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: venue.runtime()["processes"].get("gate", first) != first)
    second = venue.runtime()["processes"]["gate"]
    wait_for(lambda: listens(ports["trading"]))
    trade_outside(outside)
    assert venue.stop() == 0
    assert not is_running(second)


def trade_outside(outside: Outside) -> None:
    with outside.client("trading", "ALPHA") as alpha:
        alpha.logon()
        alpha.logout()


def listens(port: int) -> bool:
    with FixClient(("127.0.0.1", port)) as probe:
        try:
            probe.connect()
        except OSError:
            return False
        return True
