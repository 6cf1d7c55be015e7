"""operators.json: who may operate the venue, with hashes of passwords, for its owner's eyes.

Knows the file's form only.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from venue.domain.role import Role
from venue.private_file import Versioned, read_versioned, write_versioned

OPERATORS_VERSION = 1


class KeptLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A login that goes on. digest: SHA-256 of its token, hex. uid: the one account it is good for.

    until_ns: its end in UTC nanoseconds.
    """

    digest: str
    uid: int
    until_ns: int


class KeptOperator(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An operator. uid: Unix account that is his. password: its argon2id hash, empty: he has none.

    logins: the newest first.
    """

    role: Role
    uid: int | None = None
    password: str = ""
    logins: tuple[KeptLogin, ...] = ()


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    operators: dict[str, KeptOperator]


def read_operators(path: Path) -> dict[str, KeptOperator]:
    """Operators by name; none when there is no file. Raises ConfigurationError."""
    found = read_versioned(path, _File, OPERATORS_VERSION)
    return {} if found is None else found.operators


def write_operators(path: Path, operators: Mapping[str, KeptOperator]) -> None:
    """Replace the file durably. Raises OSError, and then the old file is still there."""
    write_versioned(path, _File(OPERATORS_VERSION, dict(sorted(operators.items()))))
