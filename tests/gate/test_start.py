"""`venue run gate`: what it cannot start with is one line, and exit 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gate.running_gate import LOGON, Authority, RunningGate, read_exactly
from tests.gate.stand_in import StandIn


def start(directory: Path, *overrides: str) -> tuple[int, str]:
    """Exit status and last line of stderr of a start that is refused."""
    options = [part for override in overrides for part in ("--set", override)]
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "venue",
            "run",
            "gate",
            "--data-dir",
            str(directory),
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()[-1]


def test_gate_that_is_not_configured_is_refused(tmp_path: Path) -> None:
    status, line = start(tmp_path)
    assert (status, line) == (2, "the configuration has no [gate]: see docs/SECURITY.md")


def test_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_text("nothing")
    files = [f"gate.certificate={tmp_path}/a.pem", f"gate.key={tmp_path}/b.pem"]
    status, line = start(tmp_path, *files)
    assert status == 2 and "are no certificate and key" in line


def test_key_that_is_encrypted_is_refused_and_nobody_is_asked(
    tmp_path: Path, authority: Authority
) -> None:
    from cryptography.hazmat.primitives import serialization

    authority.write_server(tmp_path)
    key = serialization.load_pem_private_key((tmp_path / "gate.key").read_bytes(), None)
    (tmp_path / "gate.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    files = [f"gate.certificate={tmp_path}/gate.pem", f"gate.key={tmp_path}/gate.key"]
    status, line = start(tmp_path, *files)
    assert status == 2 and "the key is encrypted" in line


def test_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with RunningGate(tmp_path) as gate:
        status, line = start(tmp_path, f"gate.port={gate.address[1]}")
    assert status == 2 and "Address already in use" in line


def test_several_gates_stand_before_one_venue(tmp_path: Path) -> None:
    with StandIn(tmp_path), RunningGate(tmp_path) as one, RunningGate(tmp_path) as two:
        for gate in (one, two):
            with gate.connect() as client:
                client.sendall(LOGON)
                assert read_exactly(client, len(LOGON)) == LOGON


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_gate_without_tls_off_loopback_is_refused(tmp_path: Path, host: str) -> None:
    status, line = start(tmp_path, f"gate.host={host}")
    assert status == 2 and line.startswith(f"--set gate.host: {host} is not loopback")
