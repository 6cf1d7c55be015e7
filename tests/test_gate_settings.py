"""Where the venue may listen: off loopback only behind a password and TLS, and the gate's keys."""

from pathlib import Path

import pytest

from tests.settings_example import VENUE_TOML, errors_of, write_configuration
from venue.settings.settings import load_settings


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory with a small sound configuration."""
    write_configuration(tmp_path, monkeypatch)
    return tmp_path


LOOPBACK = ("127.0.0.1", "127.1.2.3", "::1", "localhost")
ELSEWHERE = ("0.0.0.0", "::", "10.0.0.1", "venue.example")
PLAIN_ALLOWED = "fix.allow_plain_connections_off_loopback=true"


def test_demo_password_is_for_loopback_only() -> None:
    for host in LOOPBACK:
        assert load_settings(overrides=[f"fix.host={host}"]).fix.host == host
    for key in ("fix.host", "nats.host", "gate.host"):
        for host in ELSEWHERE:
            assert errors_of(f"{key}={host}", PLAIN_ALLOWED) == [
                f"--set {key}: {host} is not loopback, but the demo password is still that of ALPHA"
            ]


def test_plain_fix_is_for_loopback_only_unless_it_is_allowed() -> None:
    Path("venue.toml").write_text(VENUE_TOML.replace('password = "demo"\n', ""))
    for key in ("fix.host", "gate.host"):
        for host in LOOPBACK:
            load_settings(overrides=[f"{key}={host}"])
        for host in ELSEWHERE:
            assert errors_of(f"{key}={host}") == [
                f"--set {key}: {host} is not loopback, and FIX without TLS can be read and changed "
                "on its way: configure [gate] with a certificate, or say "
                "fix.allow_plain_connections_off_loopback = true"
            ]
            load_settings(overrides=[f"{key}={host}", PLAIN_ALLOWED])


def test_gate_with_tls_may_listen_off_loopback() -> None:
    Path("venue.toml").write_text(VENUE_TOML.replace('password = "demo"\n', ""))
    Path("gate.pem").write_text("chain")
    Path("gate.key").write_text("key")
    overrides = ["gate.host=0.0.0.0", "gate.certificate=gate.pem", "gate.key=gate.key"]
    gate = load_settings(overrides=overrides).gate
    assert gate is not None and gate.has_tls
    assert gate.certificate == Path("gate.pem").resolve()


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["certificate=a.pem"], "certificate: needs its key beside it"),
        (["key=a.pem"], "key: needs a certificate beside it"),
        (
            ["client_certificate=required"],
            'client_certificate: "required" needs client_ca, who signs them',
        ),
        (
            ["client_ca=a.pem"],
            "client_ca: needs certificate and key, and client_certificate optional or required",
        ),
        (["certificate=b.pem", "key=a.pem"], "certificate: there is no file b.pem"),
        (
            ["client_certificate=maybe"],
            'client_certificate: "maybe" is not one of "none", "optional", "required"',
        ),
    ],
)
def test_gate_that_does_not_fit_together_is_one_line(overrides: list[str], expected: str) -> None:
    Path("a.pem").write_text("pem")
    assert errors_of(*(f"gate.{each}" for each in overrides)) == [f"--set gate.{expected}"]


def test_address_that_is_none_is_one_line() -> None:
    Path("venue.toml").write_text(VENUE_TOML + '[gate]\nallowed_addresses = ["10.0.0.0/99"]\n')
    assert errors_of() == [
        'venue.toml:52 [gate] allowed_addresses[0]: "10.0.0.0/99" is no address or network such '
        'as "10.1.2.0/24"'
    ]
