"""The logins of the venue's NATS, as its configuration has them: operator, processes, readers.

Knows accounts, permissions and the data directory. Who is not here cannot connect.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from venue.bus.accounts import EXPORTS, VENUE_ACCOUNT, imports_of, mappings_of, reader_account
from venue.bus.permissions import (
    OPERATOR,
    READING_SERVICES,
    SERVICES,
    Permissions,
    of_member_reader,
    of_public_reader,
    of_service,
)
from venue.data_directory import DataDirectory
from venue.readers_file import Reader, read_readers
from venue.servers.embedded import secret

NAME = "nats"


def password_of(data_dir: Path, user: str) -> str:
    """The password of the operator or a process; made when it is first asked for."""
    role = "" if user == OPERATOR else user
    return secret(DataDirectory(data_dir).password(NAME, role))


def accounts_in(data_dir: Path) -> dict[str, Any]:
    """The accounts of the embedded server, with its passwords. Raises ConfigurationError."""
    passwords = {user: password_of(data_dir, user) for user in (OPERATOR, *SERVICES)}
    return accounts(passwords, read_readers(DataDirectory(data_dir).readers))


def accounts(passwords: Mapping[str, str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The block of that name in nats-server's configuration.

    passwords: of operator and processes. readers: by name; each has an account of its own, and so
    has each process that only reads.
    """
    own: list[dict[str, Any]] = [{"user": OPERATOR, "password": passwords[OPERATOR]}]
    own += [
        _user(name, passwords[name], of_service(name))
        for name in SERVICES
        if name not in READING_SERVICES
    ]
    found: dict[str, Any] = {
        VENUE_ACCOUNT: {"jetstream": "enabled", "users": own, "exports": list(EXPORTS)}
    }
    for name in READING_SERVICES:
        found[reader_account(name)] = _reading(name, passwords[name], of_service(name))
    for name, reader in sorted(readers.items()):
        found[reader_account(name)] = _reading(name, reader.hash, permissions_of(name, reader))
    return found


def permissions_of(name: str, reader: Reader) -> Permissions:
    """What a reader may do."""
    if reader.member:
        return of_member_reader(name, reader.member)
    return of_public_reader(name)


def _reading(name: str, password: str, permissions: Permissions) -> dict[str, Any]:
    mapped = mappings_of(permissions)
    # NATS asks for permission under the name in the account
    allowed = permissions._replace(publish=(*permissions.publish, *mapped.values()))
    return {
        "users": [_user(name, password, allowed)],
        "imports": imports_of(permissions),
        "mappings": mapped,
    }


def _user(name: str, password: str, permissions: Permissions) -> dict[str, Any]:
    allowed = {way: {"allow": list(subjects)} for way, subjects in permissions._asdict().items()}
    return {"user": name, "password": password, "permissions": allowed}
