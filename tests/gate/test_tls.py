"""TLS of the gate from outside: who gets through, as whom, and who costs trading nothing."""

import datetime
import hashlib
import signal
import ssl
from collections.abc import Iterator

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.gate.running_gate import LOGON, Authority, RunningGate, is_closed, read_exactly
from tests.gate.stand_in import StandIn, wait_until

DEADLINE_SECONDS = 1


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    directory = tmp_path_factory.mktemp("gate")
    with StandIn(directory) as trading:
        yield trading


@pytest.fixture(scope="module")
def gate(trading: StandIn, authority: Authority) -> Iterator[RunningGate]:
    """A gate where clients may show a certificate of the same authority."""
    directory = trading.data_dir
    authority.write_server(directory)
    authority.ca.cert_pem.write_to_path(str(directory / "clients.pem"))
    with RunningGate(
        directory,
        f'certificate = "{directory / "gate.pem"}"',
        f'key = "{directory / "gate.key"}"',
        f'client_ca = "{directory / "clients.pem"}"',
        'client_certificate = "optional"',
        f"handshake_seconds = {DEADLINE_SECONDS}",
        f"logon_seconds = {DEADLINE_SECONDS}",
    ) as gate:
        yield gate
        assert gate.stop() == 0


def digest(certificate: trustme.LeafCert) -> str:
    parsed = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes())
    key = parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()


def assert_not_called(trading: StandIn, before: int) -> None:
    assert len(trading.calls) == before, "trading was called"


def refused(gate: RunningGate, context: ssl.SSLContext) -> bool:
    """Whether the handshake fails, or the connection ends before an answer (as in TLS 1.3)."""
    try:
        with gate.connect(context) as client:
            client.sendall(LOGON)
            return is_closed(client)
    except OSError:
        return True


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("sni", [True, False])
def test_bytes_go_both_ways(
    gate: RunningGate, trading: StandIn, authority: Authority, version: ssl.TLSVersion, sni: bool
) -> None:
    context = authority.client_context()
    context.minimum_version = context.maximum_version = version
    number = len(trading.calls)
    with gate.connect(context, sni=sni) as client:
        client.sendall(LOGON)
        assert read_exactly(client, len(LOGON)) == LOGON
        host, port = client.getsockname()
    call = trading.call_of(number)
    assert bytes(call.data) == LOGON
    assert call.peer is not None
    assert (call.peer.address, call.peer.port) == (host, port)
    assert (call.peer.secure, call.peer.certificate) == (True, None)


def test_older_tls_is_refused(gate: RunningGate, trading: StandIn, authority: Authority) -> None:
    context, before = authority.client_context(), len(trading.calls)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    assert refused(gate, context)
    assert_not_called(trading, before)


@pytest.mark.parametrize("first", [LOGON, b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"])
def test_what_is_no_tls_is_closed(gate: RunningGate, trading: StandIn, first: bytes) -> None:
    before = len(trading.calls)
    with gate.connect() as client:
        client.sendall(first)
        while not is_closed(client):
            pass  # the alert
    assert_not_called(trading, before)


def test_client_s_certificate_is_named_to_trading(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    certificate = authority.ca.issue_cert("alpha@example.org")
    number = len(trading.calls)
    with gate.connect(authority.client_context(certificate)) as client:
        client.sendall(LOGON)
        read_exactly(client, len(LOGON))
    peer = trading.call_of(number).peer
    assert peer is not None and peer.certificate == digest(certificate)


def test_certificate_of_another_authority_is_refused(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    context, before = authority.client_context(), len(trading.calls)
    trustme.CA().issue_cert("alpha@example.org").configure_cert(context)
    assert refused(gate, context)
    assert_not_called(trading, before)


def test_certificate_that_has_expired_is_refused(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    now, before = datetime.datetime.now(datetime.UTC), len(trading.calls)
    day = datetime.timedelta(days=1)
    certificate = authority.ca.issue_cert(
        "alpha@example.org", not_before=now - 2 * day, not_after=now - day
    )
    assert refused(gate, authority.client_context(certificate))
    assert_not_called(trading, before)
    wait_until(lambda: "certificate has expired" in gate.log())


@pytest.mark.parametrize("hello", [0, 1, 5, 60])
def test_handshake_that_is_not_finished_ends_at_its_deadline(
    gate: RunningGate, trading: StandIn, authority: Authority, hello: int
) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = authority.client_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    before = len(trading.calls)
    with gate.connect() as client:
        client.sendall(outgoing.read()[:hello])
        assert is_closed(client)
    assert_not_called(trading, before)


def test_who_says_nothing_behind_the_handshake_is_closed_and_costs_trading_nothing(
    gate: RunningGate, trading: StandIn, authority: Authority
) -> None:
    before = len(trading.calls)
    with gate.connect(authority.client_context()) as client:
        assert is_closed(client)
    assert_not_called(trading, before)


@pytest.mark.parametrize("how", ["signal", "file"])
def test_certificates_are_read_again_and_nobody_is_dropped(
    gate: RunningGate, trading: StandIn, authority: Authority, how: str
) -> None:
    successor = Authority()
    with gate.connect(authority.client_context()) as client:
        client.sendall(LOGON)
        read_exactly(client, len(LOGON))
        before = gate.log().count("certificates read again")
        successor.write_server(gate.data_dir)
        if how == "signal":
            gate.signal(signal.SIGHUP)
        wait_until(lambda: gate.log().count("certificates read again") > before)
        with gate.connect(successor.client_context()) as another:
            another.sendall(LOGON)
            read_exactly(another, len(LOGON))
        assert refused(gate, authority.client_context())
        client.sendall(b"still here")
        assert read_exactly(client, 10) == b"still here"
    before = gate.log().count("certificates read again")
    authority.write_server(gate.data_dir)
    wait_until(lambda: gate.log().count("certificates read again") > before)


def test_certificate_that_cannot_be_read_changes_nothing(
    gate: RunningGate, authority: Authority
) -> None:
    (gate.data_dir / "gate.key").write_text("no key")
    gate.signal(signal.SIGHUP)
    wait_until(lambda: "the certificates of before stay in use" in gate.log())
    with gate.connect(authority.client_context()) as client:
        client.sendall(LOGON)
        read_exactly(client, len(LOGON))
    before = gate.log().count("certificates read again")
    authority.write_server(gate.data_dir)
    wait_until(lambda: gate.log().count("certificates read again") > before)
