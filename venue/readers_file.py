"""readers.json: who reads on NATS from outside, with hashes of their passwords.

Knows the file's form, and makes passwords. One is shown once and never kept.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import bcrypt
import msgspec

from venue.private_file import Versioned, read_versioned, write_versioned

READERS_VERSION = 1
_PASSWORD_BYTES = 24
_ROUNDS = 4
"""The fewest: 192 random bits need no slow hash, and nats-server computes it at each connection."""


class Reader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """member: whose drop copies it reads; empty: market data. since_ns: of its password, UTC."""

    member: str
    hash: str
    since_ns: int


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    readers: dict[str, Reader]


class NewReader(NamedTuple):
    """What is kept of a reader, and the password, which is not."""

    reader: Reader
    password: str


def new_reader(member: str, now_ns: int) -> NewReader:
    """A reader with a random password, as nats-server takes its hash (bcrypt)."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(_ROUNDS, b"2a")).decode()
    return NewReader(Reader(member, hashed, now_ns), password)


def read_readers(path: Path) -> dict[str, Reader]:
    """Readers by name; none where there is no file. Raises ConfigurationError."""
    found = read_versioned(path, _File, READERS_VERSION)
    return {} if found is None else found.readers


def write_readers(path: Path, readers: Mapping[str, Reader]) -> None:
    """Replace the file durably. Raises OSError, and then the old one is still there."""
    write_versioned(path, _File(READERS_VERSION, dict(sorted(readers.items()))))
