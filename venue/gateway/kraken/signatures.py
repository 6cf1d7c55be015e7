"""Kraken's signatures (API-Sign), and the tokens of its WebSocket. Pure.

API-Sign is the base64 of an HMAC-SHA512 with the key's secret over the path and the SHA-256 of
nonce and body. A token is bound to its key, and ends with it: no list of them is kept.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from venue.gateway.users import ApiKey

SECRET_BYTES = 64
TOKEN_SECONDS = 900
"""A token is said to be good for so long, and is for a little longer."""
_MORE_SECONDS = 30
_NONCE_MAX = 2**63 - 1
_PURPOSE = b"venue websocket token\n"
_NS = 10**9


def new_secret() -> str:
    """A secret as Kraken's clients take it: base64 of 64 bytes."""
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_bytes(secret: str) -> bytes | None:
    """What a secret stands for; None: it was not made for this profile."""
    try:
        found = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == SECRET_BYTES else None


def sign(secret: bytes, path: str, nonce: str, body: bytes) -> str:
    """The API-Sign of a request. nonce: as it stands in the body."""
    said = path.encode() + hashlib.sha256(nonce.encode() + body).digest()
    return base64.b64encode(hmac.new(secret, said, hashlib.sha512).digest()).decode()


def doubt(key: ApiKey, signature: str, path: str, nonce: str, body: bytes) -> str:
    """What is wrong with a signature; empty: nothing."""
    secret = secret_bytes(key.secret)
    if secret is None:
        return "the key was not made for this profile"
    good = sign(secret, path, nonce, body)
    return "" if hmac.compare_digest(good.encode(), signature.encode()) else "it is another one"


def nonce_of(text: str) -> int | None:
    """A nonce as a number; None: it is none that can be taken."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if 0 < number <= _NONCE_MAX else None


def websocket_token(key: ApiKey, now_ns: int) -> str:
    """A token that is good for TOKEN_SECONDS, for who has the key."""
    said = f"{key.key}\n{now_ns // _NS + TOKEN_SECONDS + _MORE_SECONDS}".encode()
    return _text(_mac(key, said)) + "." + _text(said)


def key_of_token(token: str, now_ns: int) -> str | None:
    """The key that a token says it is of; None: it is none, or its time is over."""
    named = _said(token)
    if named is None:
        return None
    key, _, expires = named.decode().partition("\n")
    is_good = expires.isdigit() and len(expires) < 16 and int(expires) > now_ns // _NS
    return key if is_good else None


def is_token_of(key: ApiKey, token: str) -> bool:
    """Whether this key has made the token."""
    said = _said(token)
    return said is not None and hmac.compare_digest(_text(_mac(key, said)), token.split(".")[0])


def _mac(key: ApiKey, said: bytes) -> bytes:
    return hmac.new(key.secret.encode(), _PURPOSE + said, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _said(token: str) -> bytes | None:
    """What a token says, unproven."""
    if not token.isascii() or token.count(".") != 1:
        return None
    part = token.split(".")[1]
    try:
        said = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        said.decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return said
