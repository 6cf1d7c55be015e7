"""TCP ports: finds a free one, and the process that has a taken one.

May know sockets and /proc only.
"""

import errno
import random
import socket
import time
from pathlib import Path

from venue.servers import ServerError

_LOWEST_PORT = 15_000
_HIGHEST_PORT = 65_535
_TRIES = 100
_LISTEN = "0A"
_POLL_SECONDS = 0.02


class PortTaken(ServerError):
    """Another process listens on the port. pid: which one; None: we may not see it."""

    def __init__(self, host: str, port: int, pid: int | None) -> None:
        self.pid = pid
        who = f"pid {pid} ({_program(pid)})" if pid is not None else "another process"
        super().__init__(f"port {port} on {host} is taken by {who}")


def ensure_free(host: str, port: int, patience_seconds: float = 0.0) -> None:
    """Raise PortTaken unless one could listen on host:port now; port 0 is always free.

    patience_seconds: how long to wait for a process that is just ending.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        error = _bind_error(host, port)
        if error is None:
            return
        if time.monotonic() >= deadline:
            break
        time.sleep(_POLL_SECONDS)
    if error.errno != errno.EADDRINUSE:
        raise ServerError(f"cannot listen on {host}:{port}: {error.strerror}")
    raise PortTaken(host, port, listener_pid(port))


def accepts(address: str) -> bool:
    """Whether somebody accepts connections at HOST:PORT."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, int(port))) == 0


def is_listened_on(address: str) -> bool:
    """Whether somebody listens at the port of HOST:PORT, as the system says."""
    port = int(address.rpartition(":")[2])
    return any(_listening_inodes(name, port) for name in ("tcp", "tcp6"))


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens now, below those that the system hands out to clients.

    On a port of the system's range a client that retries a dead server can end up connected to
    itself (TCP simultaneous open), and another client can take the port while the server restarts.
    """
    highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]) - 1
    chooser = random.SystemRandom()
    for _ in range(100 if highest > _LOWEST_PORT else 0):
        port = chooser.randint(_LOWEST_PORT, highest)
        if _bind_error(host, port) is None:
            return port
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def free_ports(host: str, count: int) -> int:
    """The first of so many ports in a row on which nobody listens now. Raises ServerError."""
    for _ in range(_TRIES):
        first = free_port(host)
        if first + count <= _HIGHEST_PORT and all(
            _bind_error(host, first + place) is None for place in range(1, count)
        ):
            return first
    raise ServerError(f"{count} free ports in a row were not found on {host}")


def listener_pid(port: int) -> int | None:
    """Pid of the process that listens on a TCP port; None if there is none that we may see."""
    inodes = {inode for name in ("tcp", "tcp6") for inode in _listening_inodes(name, port)}
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds(process, wanted):
            return int(process.name)
    return None


def _bind_error(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: connections that linger in TIME_WAIT do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _listening_inodes(table: str, port: int) -> list[str]:
    path = Path("/proc/net") / table
    if not path.exists():
        return []
    rows = [line.split() for line in path.read_text().splitlines()[1:]]
    return [row[9] for row in rows if row[3] == _LISTEN and int(row[1].split(":")[1], 16) == port]


def _holds(process: Path, wanted: set[str]) -> bool:
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:  # ended meanwhile, or another user's
        return False
    for descriptor in descriptors:
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target in wanted:
            return True
    return False


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "ended meanwhile"
