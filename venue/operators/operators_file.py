"""operators.json: who may operate the venue, with hashes of passwords, for its owner's eyes.

Knows the file's form only.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from venue.domain.role import Role
from venue.durable_file import replace_durably
from venue.private_file import read_private
from venue.settings.configuration_error import ConfigurationError

_VERSION = 1


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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    operators: dict[str, KeptOperator]


def read_operators(path: Path) -> dict[str, KeptOperator]:
    """Operators by name; none when there is no file. Raises ConfigurationError."""
    content = read_private(path)
    if content is None:
        return {}
    try:
        found = msgspec.json.decode(content, type=_File)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}; restore it") from error
    if found.version != _VERSION:
        raise ConfigurationError(f"{path} has version {found.version}; this venue reads {_VERSION}")
    return found.operators


def write_operators(path: Path, operators: Mapping[str, KeptOperator]) -> None:
    """Replace the file durably. Raises OSError, and then the old file is still there."""
    content = msgspec.json.encode(_File(_VERSION, dict(sorted(operators.items()))))
    replace_durably(path, msgspec.json.format(content, indent=2) + b"\n")
