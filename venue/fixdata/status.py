"""Shows who is on at the port of a data process, in a small file that the command line reads.

Knows the edge and the file. Never synced: it tells of a running process only.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from venue.admin.answers import Connection
from venue.data_directory import DataDirectory
from venue.fixdata.edge import DataEdge
from venue.fixdata.shown import DataSession, EdgeStatus
from venue.journal.files import replace

_log = structlog.get_logger("fix")


class StatusFile:
    """describe: what the core adds to a session's connection. position: see EdgeStatus."""

    def __init__(
        self,
        data_dir: Path,
        process: str,
        address: str,
        edge: DataEdge,
        describe: Callable[[str, Connection], DataSession],
        position: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._path = DataDirectory(data_dir).edge_status(process)
        self.socket = DataDirectory(data_dir).edge_socket(process)
        self.describe = describe
        self._address = address
        self._edge = edge
        self._position = position
        self._shown: EdgeStatus | None = None
        self._fails = False

    def show(self) -> None:
        """Replace the file if anything has changed. A failure is logged once, until it is over."""
        sessions = [self.describe(*each) for each in sorted(self._edge.connections().items())]
        status = EdgeStatus(self._address, sessions, self._position())
        if status == self._shown:
            return
        try:
            replace(self._path, msgspec.json.encode(status))
        except OSError as error:
            if not self._fails:
                _log.error("the status is not shown", file=str(self._path), error=str(error))
            self._fails = True
        else:
            self._shown, self._fails = status, False

    def remove(self) -> None:
        """The process stops."""
        self._path.unlink(missing_ok=True)


__all__ = ["StatusFile"]
