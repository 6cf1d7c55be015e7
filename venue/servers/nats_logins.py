"""The logins of the venue's NATS, as its configuration has them: operator, processes, readers.

Knows permissions and the data directory. Who is not here cannot connect.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from venue.bus.permissions import (
    OPERATOR,
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


def authorization(data_dir: Path) -> dict[str, Any]:
    """The block of that name in nats-server's configuration. Raises ConfigurationError."""
    passwords = {user: password_of(data_dir, user) for user in (OPERATOR, *SERVICES)}
    return users(passwords, read_readers(DataDirectory(data_dir).readers))


def users(passwords: Mapping[str, str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Operator and processes with these passwords, and the readers."""
    listed: list[dict[str, Any]] = [{"user": OPERATOR, "password": passwords[OPERATOR]}]
    listed += [_user(name, passwords[name], of_service(name)) for name in SERVICES]
    listed += [
        _user(name, reader.hash, permissions_of(name, reader))
        for name, reader in sorted(readers.items())
    ]
    return {"users": listed}


def permissions_of(name: str, reader: Reader) -> Permissions:
    """What a reader may do."""
    if reader.member:
        return of_member_reader(name, reader.member)
    return of_public_reader(name)


def _user(name: str, password: str, permissions: Permissions) -> dict[str, Any]:
    allowed = {way: {"allow": list(subjects)} for way, subjects in permissions._asdict().items()}
    return {"user": name, "password": password, "permissions": allowed}
