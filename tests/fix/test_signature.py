"""Signed Logons: the published vector, what is signed, and keys in every form they come in."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from venue.fix.signature import read_public_key, signature_of, verifies

PRIVATE_KEY = "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u"
SIGNED = "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA=="
LOGON = {
    "35": "A",
    "49": "EXAMPLE",
    "56": "SPOT",
    "34": "1",
    "52": "20240627-11:17:25.223",
    "95": "88",
    "96": SIGNED,
}


def vector_key() -> Ed25519PrivateKey:
    key = load_der_private_key(base64.b64decode(PRIVATE_KEY), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_published_vector_verifies() -> None:
    signed = signature_of(LOGON)
    assert signed.payload == b"A\x01EXAMPLE\x01SPOT\x011\x0120240627-11:17:25.223"
    assert signed.sending_time_ns == 1_719_487_045_223_000_000
    assert verifies(public(vector_key()), signed)
    assert vector_key().sign(signed.payload) == signed.signature


@pytest.mark.parametrize("tag", ["35", "49", "56", "34", "52"])
def test_every_signed_value_counts(tag: str) -> None:
    changed = "20240627-11:17:25.224" if tag == "52" else LOGON[tag] + "2"
    assert not verifies(public(vector_key()), signature_of({**LOGON, tag: changed}))
    missing = {key: value for key, value in LOGON.items() if key != tag}
    with pytest.raises(ValueError, match=f"tag {tag}, which is signed, is missing"):
        signature_of(missing)


def test_another_s_key_does_not_verify() -> None:
    assert not verifies(public(Ed25519PrivateKey.generate()), signature_of(LOGON))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"95": "87"}, "RawDataLength"),
        ({"95": "088"}, "RawDataLength"),
        ({"96": SIGNED[:-1] + "*"}, "base64"),
        ({"96": "\udcff" * 88}, "base64"),
        ({"52": "yesterday"}, "SendingTime"),
        ({"52": "20240627-25:17:25"}, "SendingTime"),
    ],
)
def test_what_is_no_signature_is_told(changes: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        signature_of({**LOGON, **changes})


@pytest.mark.parametrize("length", [0, 1, 63, 65, 500])
def test_signature_of_another_length_is_wrong(length: int) -> None:
    raw = base64.b64encode(bytes(length)).decode()
    signed = signature_of({**LOGON, "95": str(len(raw)), "96": raw})
    assert not verifies(public(vector_key()), signed)


@pytest.mark.parametrize("decimals", ["", ".2", ".223", ".223456", ".223456789"])
def test_sending_time_has_any_precision_of_fix(decimals: str) -> None:
    signed = signature_of({**LOGON, "52": "20240627-11:17:25" + decimals})
    assert 0 <= signed.sending_time_ns - 1_719_487_045_000_000_000 < 1_000_000_000


def test_public_key_is_read_in_every_form() -> None:
    key = vector_key().public_key()
    raw = public(vector_key())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text in (base64.b64encode(raw).decode(), base64.b64encode(der).decode(), pem, f"\n{pem}\n"):
        assert read_public_key(text) == raw


def test_what_is_no_public_key_is_told_and_not_repeated() -> None:
    private = vector_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    other = generate_private_key(SECP256R1()).public_key()
    elliptic = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text, why in (
        (private, "private key"),
        (PRIVATE_KEY, "no public key"),
        (elliptic, "no Ed25519 key"),
        ("", "no public key"),
        ("naïve", "no public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public key"),
    ):
        with pytest.raises(ValueError, match=why) as caught:
            read_public_key(text)
        assert PRIVATE_KEY[-20:] not in str(caught.value)
