"""The embedded PostgreSQL, and the check of one that somebody else runs.

May know the PostgreSQL wheel and the data directory, nothing of tables. URLs are plain
`postgresql://...`, as psql takes them. Must never loosen permissions of what is not the venue's.
"""

import os
import signal
import subprocess
from functools import cache
from pathlib import Path

from venue.data_directory import DataDirectory
from venue.ledger_roles import OWNER, READER, ROLES, WRITER
from venue.masking import mask_url
from venue.servers import ServerError, left_over
from venue.servers.child import Child, die_with_parent, spawn
from venue.servers.embedded import EmbeddedServer, refuse_other_major, secret
from venue.servers.postgres_system import installation, system_user

USER = "venue"
DATABASE = "venue"
# Small, but durable: fsync, synchronous_commit and full_page_writes stay on. They are written to
# postgresql.conf when the database is made; an operator may change them there.
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "64",
    "max_wal_size": "96MB",
    "min_wal_size": "32MB",
    "wal_compression": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Our own environment, which may have passwords, does not go to the server.
_IS_WRONG = ("error:", "ERROR", "FATAL", "PANIC")
"""In the line of a tool that says what went wrong; others follow it."""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class PostgresServer(EmbeddedServer):
    """PostgreSQL on data_dir/postgres with a random password, on loopback.

    Under root it runs as a system user. It gets its directory as an open descriptor, so that this
    user needs no permission on the directories above, which may be private.
    """

    name = "postgres"
    program = "postgres"
    stop_seconds = 10.0

    @property
    def url(self) -> str:
        """The superuser's, who makes the roles. Nobody else is given it."""
        return self._url(USER, self._password())

    @property
    def urls(self) -> dict[str, str]:
        """The roles' URLs, by the setting in whose place each stands."""
        return {
            "database_url": self._url_of(WRITER),
            "database_owner_url": self._url_of(OWNER),
            "database_reader_url": self._url_of(READER),
        }

    def prepare(self) -> None:
        """Make the database the first time (about half a second)."""
        version_file = self.directory / "PG_VERSION"
        if not self.directory.exists():
            self._make_database()
        elif not version_file.exists():
            raise ServerError(f"{self.directory} holds no PostgreSQL data; move it away")
        elif not self.password_file.exists():
            raise ServerError(f"{self.password_file} is missing: nobody can log on to its data")
        else:
            written_by = version_file.read_text().strip()
            refuse_other_major(self.directory, "PostgreSQL", written_by, major_version())

    def settle(self) -> None:
        """Make the roles, with the passwords that are kept here."""
        from venue.servers.postgres_roles import make_roles  # here, for it brings in the driver

        make_roles(self.url, {role: self._password(role) for role in ROLES})

    def is_ready(self) -> bool:
        """PostgreSQL writes "ready" as last line of postmaster.pid when it takes connections."""
        pid_file = self.directory / "postmaster.pid"
        lines = pid_file.read_text().split() if pid_file.exists() else []
        return bool(lines) and lines[0] == str(self.pid) and lines[-1] == "ready"

    def _spawn(self) -> Child:
        # No PostgreSQL runs here any more, whatever this file says. Its pid may be another's now.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)
        directory = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        options = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        argv = [str(installation() / "bin" / "postgres"), "-D", f"/proc/self/fd/{directory}"]
        argv += [f"--{name}={value}" for name, value in options.items()]
        try:
            return spawn(
                self.name,
                argv,
                log_file=self.log_file,
                environment=_ENVIRONMENT,
                cwd=Path("/"),
                death_signal=signal.SIGINT,  # fast shutdown; the next start waits for its end
                pass_fds=(directory,),
                user=system_user(),
            )
        finally:
            os.close(directory)

    def _make_database(self) -> None:
        """Run initdb in a scratch directory and rename that: half a database is never used."""
        scratch = self.directory.with_name("postgres.new")
        left_over.stop(scratch, self.program)
        _remove_tree(scratch)
        scratch.mkdir(mode=0o700, parents=True)
        self._password()
        user = system_user()
        directory = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        password_file = os.open(self.password_file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if user is not None:
                os.fchown(directory, user.uid, user.gid)
                os.fchown(password_file, user.uid, user.gid)
            here = f"/proc/self/fd/{directory}"
            settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
            initdb = ["initdb", "-D", here, f"--username={USER}", "--auth=scram-sha-256"]
            initdb += [f"--pwfile=/proc/self/fd/{password_file}", "--encoding=UTF8", "--locale=C"]
            self._run_tool([*initdb, "--no-instructions", *settings], (directory, password_file))
            create = f"CREATE DATABASE {DATABASE}\n"
            self._run_tool(["postgres", "--single", "-D", here, "postgres"], (directory,), create)
        finally:
            os.close(directory)
            os.close(password_file)
        scratch.rename(self.directory)

    def _run_tool(self, argv: list[str], pass_fds: tuple[int, ...], stdin: str = "") -> None:
        user = system_user()
        done = subprocess.run(
            [str(installation() / "bin" / argv[0]), *argv[1:]],
            input=stdin,
            capture_output=True,
            text=True,
            cwd="/",
            env=_ENVIRONMENT,
            pass_fds=pass_fds,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),
        )
        if done.returncode != 0 or "ERROR" in done.stderr:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            wrong = [line for line in lines if any(word in line for word in _IS_WRONG)]
            said = wrong[0] if wrong else lines[-1]
            raise ServerError(f"{argv[0]} failed with status {done.returncode}: {said}")

    def _url_of(self, role: str) -> str:
        return self._url(role, self._password(role))

    def _url(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{DATABASE}"

    def _password(self, role: str = "") -> str:
        """The superuser's, or a role's; a random one is made the first time."""
        place = DataDirectory(self.data_dir)
        return secret(place.password(self.name, role.removeprefix("venue_")))


def start(
    data_dir: Path, *, host: str = "127.0.0.1", port: int = 0, seconds: float = 60.0
) -> PostgresServer:
    """Start PostgreSQL, with its roles, and wait until it serves. Raises ServerError.

    port 0 takes a free one.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = PostgresServer(data_dir, host=host, port=port)
    server.prepare()
    server.launch()
    server.wait_ready(seconds)
    server.settle()
    return server


@cache
def major_version() -> str:
    """Major version of the installed PostgreSQL, such as "18"."""
    text = subprocess.run(
        [str(installation() / "bin" / "postgres"), "--version"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return text.split()[-1].split(".")[0]


def check_reachable(url: str, seconds: float = 3.0, setting: str = "database_url") -> None:
    """Raise ServerError, one line without credentials, unless PostgreSQL answers at `url`."""
    import psycopg  # here, for trading starts sooner without

    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(plain, connect_timeout=max(2, int(seconds))) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ServerError(f"{setting} {mask_url(url)}: {reason[0]}") from error


def _remove_tree(directory: Path) -> None:
    if not directory.exists():
        return
    for path, directories, files in os.walk(directory, topdown=False):
        for name in files:
            (Path(path) / name).unlink()
        for name in directories:
            (Path(path) / name).rmdir()
    directory.rmdir()
