"""A program that the supervisor starts: its name, command line and rank.

May know how a child process is started. Never puts a secret into a command line.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from venue.data_directory import DataDirectory
from venue.servers.child import Child, spawn


class Program(NamedTuple):
    """A process of the venue. environment: is added to ours; secrets go there, never into argv.

    stop_rank: programs of the lowest rank are stopped first, those of one rank together.
    port_setting: name of the setting with which a restart listens on the port of the first start.
    hosts: names of the processes that run inside it.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = {}
    nice: int = 0
    stop_rank: int = 0
    stop_seconds: float = 5.0
    port_setting: str = ""
    hosts: Sequence[str] = ()

    def spawn(
        self, data_dir: Path, extra: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
    ) -> Child:
        """Start it, with a log of its own in the data directory. Raises OSError."""
        return spawn(
            self.name,
            self.argv,
            log_file=DataDirectory(data_dir).log(self.name),
            environment={**os.environ, **self.environment, **(extra or {})},
            nice=self.nice,
            pass_fds=pass_fds,
        )

    def on_port(self, address: str) -> "Program":
        """The same program, listening on the port of `address` (HOST:PORT), if that is known."""
        if not self.port_setting or not address:
            return self
        port = address.rpartition(":")[2]
        return self._replace(argv=[*self.argv, "--set", f"{self.port_setting}={port}"])
