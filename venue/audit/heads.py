"""Signed heads: how many entries the audit trail had at some moment, and the hash of the last one.

May know its two directories and the key file. Must never rewrite a head that stands in heads.jsonl.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import NamedTuple

import msgspec

from venue.audit.chain import GENESIS
from venue.journal.files import replace, sync_directory

HEAD_FILE = "head.json"
HEADS_FILE = "heads.jsonl"
KEY_FILE = "key"
KEY_BYTES = 32
_TAIL_BYTES = 4096


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """State of the trail: `count` entries, the last with this event_seq, timestamp_ns and hash.

    signature: HMAC-SHA256 over the other fields with the key file's key, in hexadecimal digits.
    """

    count: int
    event_seq: int
    timestamp_ns: int
    hash: str
    signature: str = ""


EMPTY_TRAIL = Head(count=0, event_seq=0, timestamp_ns=0, hash=GENESIS)


class HeadsDamaged(Exception):
    """Heads or their key are missing or unreadable, or not signed by the key; text says which."""


class Heads(NamedTuple):
    """The heads in the order of their signing, each verified."""

    signed: list[Head]
    torn: bool
    """Whether the file ends in half a line: the writer died there, or is writing it now."""


def signature_of(head: Head, key: bytes) -> str:
    """HMAC-SHA256 of a head's fields."""
    text = f"{head.count}|{head.event_seq}|{head.timestamp_ns}|{head.hash}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


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
    for number, line in enumerate(lines, start=1):
        signed.append(verify_head(line, key, f"{path}:{number}"))
        if len(signed) > 1 and signed[-1].count < signed[-2].count:
            raise HeadsDamaged(f"{path}:{number}: counts fewer entries than the head before it")
    return Heads(signed, bool(rest))


def load_last_head(audit_directory: Path, heads_directory: Path) -> Head | None:
    """The copy of the last head beside the trail, verified; None if there is none."""
    path = audit_directory / HEAD_FILE
    key = _load_key(heads_directory)
    if not path.exists():
        return None
    if key is None:
        raise HeadsDamaged(f"{heads_directory / KEY_FILE} is missing: {path} cannot be verified")
    return verify_head(path.read_bytes(), key, str(path))


def verify_head(line: bytes, key: bytes, place: str) -> Head:
    """The head in `line`; raises HeadsDamaged, naming `place`, when the key did not sign it."""
    try:
        head = msgspec.json.decode(line, type=Head)
    except msgspec.MsgspecError as error:
        raise HeadsDamaged(f"{place}: is no signed head: {error}") from error
    if not hmac.compare_digest(head.signature.encode(), signature_of(head, key).encode()):
        raise HeadsDamaged(f"{place}: the signature is not of this key")
    return head


class HeadWriter:
    """Signs heads and writes them beside the trail and, append-only, to a second place."""

    def __init__(self, audit_directory: Path, heads_directory: Path) -> None:
        """Make the key (0600) if neither key nor heads exist. Raises HeadsDamaged."""
        heads_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._beside = audit_directory / HEAD_FILE
        self._path = heads_directory / HEADS_FILE
        beside = load_last_head(audit_directory, heads_directory)
        self.last: Head | None = self._last_appended(_load_key(heads_directory))
        if beside is not None and (self.last is None or beside.count > self.last.count):
            self.last = beside
        self._key = _load_key(heads_directory) or _make_key(heads_directory)

    def write(self, head: Head) -> None:
        """Sign `head` and store it at both places; on return it is on disk."""
        signed = msgspec.structs.replace(head, signature=signature_of(head, self._key))
        line = msgspec.json.encode(signed)
        replace(self._beside, line, durably=True)
        append_durably(self._path, line + b"\n")
        self.last = signed

    def _last_appended(self, key: bytes | None) -> Head | None:
        """The last head of the append-only file; cuts off a half-written line at its end."""
        if not self._path.exists():
            return None
        if key is None:
            raise HeadsDamaged(f"{self._path.with_name(KEY_FILE)} is missing, but not {self._path}")
        with self._path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL_BYTES))
            *lines, rest = file.read().split(b"\n")
            file.truncate(end - len(rest))
        return verify_head(lines[-1], key, f"the end of {self._path}") if lines else None


def append_durably(path: Path, content: bytes) -> None:
    """Append to a file, made if it is not there; on return the bytes are on disk."""
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_directory(path.parent)


def _load_key(directory: Path) -> bytes | None:
    path = directory / KEY_FILE
    if not path.exists():
        return None
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise HeadsDamaged(f"{path}: is no key: {error}") from error
    if len(key) != KEY_BYTES:
        raise HeadsDamaged(f"{path}: is no key: {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _make_key(directory: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    # The key is written whole or not at all: half a key would stop the next start.
    replace(directory / KEY_FILE, key.hex().encode() + b"\n", durably=True)
    return key
