"""A supervisor over tiny programs, in a thread of the test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import programs
from tests.servers.conditions import wait_for
from venue.servers.embedded import EmbeddedServer
from venue.servers.runtime import RuntimeInfo, find_running
from venue.servers.supervisor import Supervisor


class RunningSupervisor:
    """A supervisor in a thread. infos: what it has told when it was ready."""

    def __init__(self, data_dir: Path, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.status: int | None = None
        self.infos: list[RuntimeInfo] = []
        self.data_dir = data_dir
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.status = self.supervisor.run(self.infos.append)

    def start(self) -> None:
        """Start it and wait until all its programs are up."""
        self._thread.start()
        wait_for(lambda: bool(self.infos) and programs.all_up(self.data_dir))

    def stop(self) -> None:
        """Ask it to stop and wait."""
        self.supervisor.signals.request()
        self.join()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def now(self) -> RuntimeInfo:
        """What runtime.json says."""
        info = find_running(self.data_dir)
        assert info is not None
        return info

    def process(self, name: str) -> int:
        """Pid of a process by runtime.json; 0 while it is not up."""
        return self.now().processes.get(name, 0)


@contextmanager
def running_supervisor(
    data_dir: Path, *servers: EmbeddedServer, trading: str = programs.READY
) -> Iterator[RunningSupervisor]:
    """A supervisor that is ready; stopped at the end."""
    running = RunningSupervisor(
        data_dir, programs.supervisor(data_dir, trading=trading, servers=servers)
    )
    running.start()
    try:
        yield running
    finally:
        running.stop()


def new_pid(read: Callable[[], int], old: int) -> int:
    """Wait until `read` gives the pid of another process."""
    wait_for(lambda: read() not in (0, old))
    return read()
