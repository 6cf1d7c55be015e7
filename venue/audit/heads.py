"""Signed heads: how many entries the audit trail had at some moment, and the hash of the last one.

Each head names the one before it, so that none can be taken out. May know its two directories and
the key files. Must never rewrite a head that stands in heads.jsonl.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from venue.audit.chain import GENESIS
from venue.journal.files import replace, sync_directory

HEAD_FILE = "head.json"
HEADS_FILE = "heads.jsonl"
KEY_FILE = "key"
PUBLIC_KEY_FILE = "public-key"
"""Whoever has it can verify heads, and sign none."""
KEY_BYTES = 32


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """State of the trail: `count` entries, the last with this event_seq, timestamp_ns and hash.

    number: of the head, from 1. previous: SHA-256 of the line of the head before it. signature:
    Ed25519 over the other fields. A head of an older version has no number, and an HMAC-SHA256 with
    the private key's bytes instead. All are in hexadecimal digits.
    """

    count: int
    event_seq: int
    timestamp_ns: int
    hash: str
    signature: str = ""
    number: int = 0
    previous: str = ""


EMPTY_TRAIL = Head(count=0, event_seq=0, timestamp_ns=0, hash=GENESIS)


class HeadsDamaged(Exception):
    """Heads or their key are missing or unreadable, or not signed by the key; text says which."""


class Heads(NamedTuple):
    """The heads in the order of their signing, each verified."""

    signed: list[Head]
    torn: bool
    """Whether the file ends in half a line: the writer died there, or is writing it now."""
    last_line: bytes = b""


class HeadKey(NamedTuple):
    """What heads are verified with. secret: the private key's bytes; None: only the public one."""

    public: Ed25519PublicKey
    secret: bytes | None

    def verifies(self, head: Head) -> bool:
        """Whether this key has signed the head."""
        if not head.number:
            if self.secret is None:
                return False
            made = hmac.new(self.secret, _signed_text(head), hashlib.sha256).hexdigest()
            return hmac.compare_digest(head.signature.encode(), made.encode())
        try:
            self.public.verify(bytes.fromhex(head.signature), _signed_text(head))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed_text(head: Head) -> bytes:
    text = f"{head.count}|{head.event_seq}|{head.timestamp_ns}|{head.hash}"
    return (f"{text}|{head.number}|{head.previous}" if head.number else text).encode()


def link_of(line: bytes) -> str:
    """What the next head has as `previous`: SHA-256 of a head's line, without its newline."""
    return hashlib.sha256(line).hexdigest()


def load_heads(directory: Path) -> Heads:
    """All heads in `directory`; none when it has neither key nor heads. Raises HeadsDamaged."""
    path = directory / HEADS_FILE
    key = _load_key(directory)
    if not path.exists():
        return Heads([], False)
    if key is None:
        raise HeadsDamaged(f"{directory / KEY_FILE} is missing: the heads cannot be verified")
    *lines, rest = path.read_bytes().split(b"\n")
    signed: list[Head] = []
    before = b""
    for number, line in enumerate(lines, start=1):
        place = f"{path}:{number}"
        signed.append(verify_head(line, key, place))
        last = signed[-2] if len(signed) > 1 else None
        _ensure_follows(signed[-1], last, before, place)
        before = line
    return Heads(signed, bool(rest), before)


def _ensure_follows(head: Head, last: Head | None, line: bytes, place: str) -> None:
    """Raise HeadsDamaged unless `head` is the next one behind `last`, which stands in `line`."""
    if last is not None and head.count < last.count:
        raise HeadsDamaged(f"{place}: counts fewer entries than the head before it")
    number = last.number if last is not None else 0
    if not head.number and not number:
        return  # both of an older version, which did not chain them
    if head.number != number + 1:
        raise HeadsDamaged(f"{place}: head {head.number} stands behind head {number}")
    if head.previous != (link_of(line) if last is not None else GENESIS):
        raise HeadsDamaged(f"{place}: head {head.number} names another head before it")


def load_last_head(audit_directory: Path, heads_directory: Path) -> Head | None:
    """The copy of the last head beside the trail, verified; None if there is none.

    To be read before the heads: each is written here first.
    """
    path = audit_directory / HEAD_FILE
    key = _load_key(heads_directory)
    if not path.exists():
        return None
    if key is None:
        raise HeadsDamaged(f"{heads_directory / KEY_FILE} is missing: {path} cannot be verified")
    return verify_head(path.read_bytes(), key, str(path))


def ensure_beside(beside: Head | None, heads: Heads) -> None:
    """Raise HeadsDamaged unless the head beside the trail is one of `heads`, or the next one.

    The next one is there alone while it is being written, or after a crash in between.
    """
    if beside is not None and beside.number and beside not in heads.signed:
        last = heads.signed[-1] if heads.signed else None
        _ensure_follows(beside, last, heads.last_line, HEAD_FILE)


def load_kept_heads(file: Path, heads_directory: Path) -> list[Head]:
    """Heads that were kept elsewhere: a copy of head.json, or of heads.jsonl or a part of it.

    Raises HeadsDamaged where one is not signed by the key there is: then that was replaced.
    """
    key = _load_key(heads_directory)
    if key is None:
        raise HeadsDamaged(f"{heads_directory / KEY_FILE} is missing: {file} cannot be verified")
    lines = [line for line in file.read_bytes().split(b"\n") if line]
    if not lines:
        raise HeadsDamaged(f"{file}: there is no head in it")
    return [verify_head(line, key, f"{file}:{at}") for at, line in enumerate(lines, start=1)]


def verify_head(line: bytes, key: HeadKey, place: str) -> Head:
    """The head in `line`; raises HeadsDamaged, naming `place`, when the key did not sign it."""
    try:
        head = msgspec.json.decode(line, type=Head)
    except msgspec.MsgspecError as error:
        raise HeadsDamaged(f"{place}: is no signed head: {error}") from error
    if not key.verifies(head):
        raise HeadsDamaged(f"{place}: the signature is not of this key")
    return head


class HeadWriter:
    """Signs heads and writes them beside the trail and, append-only, to a second place."""

    def __init__(self, audit_directory: Path, heads_directory: Path) -> None:
        """Make the key (0600) if neither key nor heads exist. Raises HeadsDamaged."""
        heads_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._beside = audit_directory / HEAD_FILE
        self._path = heads_directory / HEADS_FILE
        key = _load_key(heads_directory)
        has_heads = self._path.exists() or self._beside.exists()
        if has_heads and key is not None and key.secret is None:
            raise HeadsDamaged(f"{heads_directory / KEY_FILE} is missing: nothing can be signed")
        beside = load_last_head(audit_directory, heads_directory)
        heads = load_heads(heads_directory)
        ensure_beside(beside, heads)
        if heads.torn:
            os.truncate(self._path, self._path.read_bytes().rfind(b"\n") + 1)
        self.last: Head | None = heads.signed[-1] if heads.signed else None
        self._last_line = heads.last_line
        self._key = Ed25519PrivateKey.from_private_bytes(_secret_of(heads_directory, key))
        if beside is not None and (self.last is None or beside.count > self.last.count):
            self._append(beside)

    def write(self, head: Head) -> None:
        """Sign `head` and store it at both places; on return it is on disk."""
        previous = link_of(self._last_line) if self._last_line else GENESIS
        number = (self.last.number if self.last is not None else 0) + 1
        signed = msgspec.structs.replace(head, number=number, previous=previous)
        signature = self._key.sign(_signed_text(signed)).hex()
        signed = msgspec.structs.replace(signed, signature=signature)
        replace(self._beside, msgspec.json.encode(signed), durably=True)
        self._append(signed)

    def _append(self, signed: Head) -> None:
        self._last_line = msgspec.json.encode(signed)
        append_durably(self._path, self._last_line + b"\n")
        self.last = signed


def append_durably(path: Path, content: bytes) -> None:
    """Append to a file, made if it is not there; on return the bytes are on disk."""
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_directory(path.parent)


def _load_key(directory: Path) -> HeadKey | None:
    """The key of a heads' directory; without its private half where only the public one is there.

    None where there is neither.
    """
    secret = _key_bytes(directory / KEY_FILE)
    public = _key_bytes(directory / PUBLIC_KEY_FILE)
    if secret is not None:
        return HeadKey(Ed25519PrivateKey.from_private_bytes(secret).public_key(), secret)
    if public is None:
        return None
    return HeadKey(Ed25519PublicKey.from_public_bytes(public), None)


def _key_bytes(path: Path) -> bytes | None:
    if not path.exists():
        return None
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise HeadsDamaged(f"{path}: is no key: {error}") from error
    if len(key) != KEY_BYTES:
        raise HeadsDamaged(f"{path}: is no key: {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _secret_of(directory: Path, key: HeadKey | None) -> bytes:
    """The private key's bytes, made where there is none; the public key is written beside it."""
    secret = key.secret if key is not None else None
    if secret is None:
        secret = secrets.token_bytes(KEY_BYTES)
        # The key is written whole or not at all: half a key would stop the next start.
        replace(directory / KEY_FILE, secret.hex().encode() + b"\n", durably=True)
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    if _key_bytes(directory / PUBLIC_KEY_FILE) != public:
        replace(directory / PUBLIC_KEY_FILE, public.hex().encode() + b"\n", durably=True)
    return secret
