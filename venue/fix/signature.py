"""Logons signed with Ed25519: what is signed, how it is checked, and for how long it is valid.

RawData(96) is the base64 of the signature over the values of 35, 49, 56, 34 and 52 of the Logon,
joined by SOH. Pure; must never see a private key.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

WINDOW_NS = 5_000_000_000
"""How far SendingTime(52) of a signed Logon may be from the venue's time, either way."""

_SIGNED_TAGS = ("35", "49", "56", "34", "52")
_KEY_BYTES = 32


class Signature(NamedTuple):
    """What a Logon was signed with. sending_time_ns: its SendingTime(52)."""

    payload: bytes
    signature: bytes
    sending_time_ns: int


def signature_of(logon: Mapping[str, str]) -> Signature:
    """The signature in RawData(96) of a Logon. Raises ValueError that says what is wrong."""
    raw = logon.get("96", "")
    if logon.get("95") != str(len(raw)):
        raise ValueError("RawDataLength(95) is not the length of RawData(96)")
    try:
        signature = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("RawData(96) is not base64") from error
    try:
        values = [logon[tag] for tag in _SIGNED_TAGS]
    except KeyError as error:
        raise ValueError(f"tag {error.args[0]}, which is signed, is missing") from error
    payload = "\x01".join(values).encode(errors="surrogateescape")
    return Signature(payload, signature, _sending_time_ns(logon["52"]))


def verifies(public_key: bytes, signed: Signature) -> bool:
    """Whether `signed` was made with the private half of this key (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, signed.payload)
    except InvalidSignature:
        return False
    return True


def read_public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key: PEM, or base64 of its DER form or of the bytes alone.

    Raises ValueError that says what is wrong; it never repeats the text, which may be a private
    key that was given by mistake.
    """
    text = text.strip()
    if "PRIVATE KEY" in text:
        raise ValueError("this is a private key; the venue needs the public one only")
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode())
        else:
            raw = base64.b64decode(text, validate=True)
            if len(raw) == _KEY_BYTES:
                return raw
            key = load_der_public_key(raw)
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise ValueError("this is no public key in PEM or base64") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("this is no Ed25519 key")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _sending_time_ns(text: str) -> int:
    form = "%Y%m%d-%H:%M:%S.%f" if "." in text else "%Y%m%d-%H:%M:%S"
    whole, _, decimals = text.partition(".")
    text = f"{whole}.{decimals[:6]}" if decimals else text  # strptime knows microseconds only
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError("SendingTime(52) is no UTCTimestamp") from error
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1_000
