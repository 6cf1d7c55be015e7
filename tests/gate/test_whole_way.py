"""From a client outside, by TLS, through the gate, to the trading process and back."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.confirmed import without_notices
from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Message, frame, new_order, sending_time
from tests.gate.running_gate import Authority, RunningGate
from tests.gate.test_tls import digest
from tests.running import RunningTrading
from venue.admin.client import call
from venue.settings.settings import shipped

REFUSED = "LOGON_REFUSED the logon is not accepted"
DEMO = 'password = "demo"           # demo password: change it before anybody else can connect\n'


class Outside:
    """A trading process and a gate before it. ALPHA is bound to a certificate, DELTA to none."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        self.authority = authority
        self.alpha = authority.ca.issue_cert("alpha@example.org")
        authority.write_server(directory)
        authority.ca.cert_pem.write_to_path(str(directory / "clients.pem"))
        text = shipped("venue.toml").read_text()
        assert text.count(DEMO) == 4
        bound = f'{DEMO}certificate_sha256 = ["{digest(self.alpha)}"]\n'
        self.gate = RunningGate(
            directory,
            f'certificate = "{directory}/gate.pem"',
            f'key = "{directory}/gate.key"',
            f'client_ca = "{directory}/clients.pem"',
            'client_certificate = "optional"',
            text=text.replace(DEMO, bound, 1),
        )
        self.trading = RunningTrading(directory, config=self.gate.config)

    def client(self, session: str, *, certificate: bool = False) -> FixClient:
        """A client outside."""
        tls = self.authority.client_context(self.alpha if certificate else None)
        return FixClient(self.gate.address, session, tls=tls)

    def operate(self, *arguments: str, typed: str = "") -> None:
        """A command of `venue session`."""
        venue = [sys.executable, "-P", "-m", "venue", "--data-dir", str(self.trading.data_dir)]
        done = subprocess.run(
            [*venue, "session", *arguments],
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, without_notices(done.stderr)) == (0, "")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Outside]:
    outside = Outside(tmp_path_factory.mktemp("venue"), authority)
    outside.trading.start()
    with outside.gate:
        yield outside
        assert outside.gate.stop() == 0
    assert outside.trading.stop() == 0


def rests(client: FixClient, cl_ord_id: str, side: str = "1") -> Message:
    client.send("D", new_order(cl_ord_id, side, "10", "100.00"))
    return client.expect(lambda message: message.get(11) == cl_ord_id)


def filled(client: FixClient) -> Message:
    return client.expect(lambda message: message.get(150) == "F")


def test_orders_trade_and_the_operator_sees_who_comes_from_where(outside: Outside) -> None:
    with outside.client("BRAVO") as bravo, outside.client("CHARLIE") as charlie:
        bravo.logon()
        charlie.logon()
        assert rests(bravo, "b1").get(150) == "0"
        charlie.send("D", new_order("c1", "2", "10", "100.00"))
        assert filled(bravo)[11] == "b1"
        assert filled(charlie)[11] == "c1"
        rows = call(outside.trading.data_dir, {"query": "sessions"})["sessions"]
        connection = next(row for row in rows if row["session"] == "BRAVO")["connection"]
        assert connection["secure"] is True
        assert connection["address"].startswith("127.0.0.1:")
        bravo.logout()
        charlie.logout()


@pytest.mark.parametrize(
    ("session", "certificate", "password"),
    [("ALPHA", False, "demo"), ("BRAVO", True, "demo"), ("ALPHA", True, "wrong"),
     ("ZULU", False, "demo"), ("BRAVO", False, "wrong")],
)  # fmt: skip
def test_who_is_refused_is_told_the_same_whatever_was_wrong(
    outside: Outside, session: str, certificate: bool, password: str
) -> None:
    client = outside.client(session, certificate=certificate)
    with pytest.raises(LogonRefused) as refused:
        client.logon(password)
    assert str(refused.value) == REFUSED


def test_session_that_is_bound_to_a_certificate_comes_with_it(outside: Outside) -> None:
    with outside.client("ALPHA", certificate=True) as alpha:
        alpha.logon()
        alpha.logout()
    plain = outside.trading.client("ALPHA")
    with pytest.raises(LogonRefused):
        plain.logon()


def test_password_is_changed_live_by_operator_and_member(outside: Outside) -> None:
    with outside.client("DELTA") as delta:
        delta.logon()
        outside.operate("password", "DELTA", typed="set-by-operator\n")
        assert rests(delta, "d1").get(150) == "0", "nobody is logged out by it"
        request = [(923, "u1"), (924, "3"), (553, "DELTA"), (554, "set-by-operator")]
        delta.send("BE", [*request, (925, "set-by-member")])
        assert delta.expect("BF")[926] == "5"
        delta.logout()
    with pytest.raises(LogonRefused):
        outside.client("DELTA").logon("demo")
    for password in ("set-by-operator", "set-by-member"):
        with outside.client("DELTA") as delta:
            delta.logon(password)
            delta.logout()
    with outside.client("DELTA") as delta:
        delta.logon("set-by-member", extra=[(925, "set-at-the-logon")])
        delta.logout()
    with outside.client("DELTA") as delta:
        delta.logon("set-at-the-logon")
        delta.logout()


def test_logon_is_signed(outside: Outside, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "bravo.pub").write_bytes(public)
    outside.operate("key", "BRAVO", str(tmp_path / "bravo.pub"))
    header = [(35, "A"), (49, "BRAVO"), (56, "VENUE"), (34, "1"), (52, sending_time())]
    signature = key.sign("\x01".join(value for _, value in header).encode())
    raw = base64.b64encode(signature).decode()
    fields = [(95, str(len(raw))), (96, raw), (98, "0"), (108, "30"), (141, "Y")]
    message = frame([*header, *fields])
    with outside.client("BRAVO") as bravo:
        bravo.connect()
        bravo.send_raw(message)
        assert bravo.expect("A")[141] == "Y"
        bravo.next_out = 2
        bravo.logout()
    with outside.client("BRAVO") as again:
        again.connect()
        again.send_raw(message)
        assert again.expect("5")[58] == REFUSED


def test_what_the_client_s_machine_has_is_not_sent_again(outside: Outside) -> None:
    with outside.client("BRAVO") as bravo, outside.client("CHARLIE") as charlie:
        bravo.logon(extra=[(9001, "N")])
        charlie.logon()
        rests(bravo, "b2")
        rests(bravo, "b3")
        charlie.send("D", new_order("c2", "2", "10", "100.00"))
        assert filled(bravo)[11] == "b2"
        filled(charlie)
        bravo.kill()
        charlie.send("D", new_order("c3", "2", "10", "100.00"))
        filled(charlie)
        again = outside.client("BRAVO")
        with again:
            again.logon()
            sent_again = filled(again)
            assert (sent_again[11], sent_again[97]) == ("b3", "Y")
            again.send("1", [(112, "end")])
            again.expect("0")
            assert not [message for message in again.inbox if message.get(150) == "F"]
            again.logout()
        charlie.logout()


def test_numbers_go_on_over_a_kill_of_trading(outside: Outside) -> None:
    with outside.client("BRAVO") as bravo, outside.client("CHARLIE") as charlie:
        bravo.logon(extra=[(9001, "N")])
        charlie.logon()
        rests(bravo, "b4")
        outside.trading.kill()
        outside.trading.start()
        charlie.logon(reset=False)
        bravo.logon(reset=False, extra=[(9001, "N")])
        charlie.send("D", new_order("c4", "2", "10", "100.00"))
        assert filled(charlie)[11] == "c4"
        assert filled(bravo)[11] == "b4"
        bravo.logout()
        charlie.logout()
