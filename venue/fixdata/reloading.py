"""Sessions of a data process that are added, changed or removed while it runs.

Looks at the checked copy of the configuration, which `venue config apply` replaces. Sessions that
stay are not disturbed; a configuration that cannot be read leaves all as it is.
"""

import structlog

from venue.data_directory import DataDirectory
from venue.fix.credentials_file import stamp_of
from venue.fix.private_way import PrivateWayError
from venue.fixdata.edge import DataEdge
from venue.settings.configuration_error import ConfigurationError

SESSION_REMOVED = "SESSION_REMOVED the configuration has no such session any more"
_INDEX = "index.json"
_log = structlog.get_logger("configuration")


class Reloading:
    """edge: whose sessions are kept as the configuration in force says."""

    def __init__(self, edge: DataEdge) -> None:
        self._edge = edge
        self._index = DataDirectory(edge.settings.data_dir).checked_configuration / _INDEX
        self._stamp = stamp_of(self._index)

    def look(self) -> None:
        """Bring into force what has changed since the last look."""
        stamp = stamp_of(self._index)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        before = self._edge.names()
        try:
            settings = self._edge.settings.read_again()
            added = self._edge.configure(settings)
        except (ConfigurationError, OSError, PrivateWayError) as error:
            _log.error("the configuration is as it was before", error=str(error))
            return
        removed = [name for name in before if name not in self._edge.names()]
        for name in removed:
            self._edge.end(name, SESSION_REMOVED)
        if added or removed:
            _log.info("sessions configured", added=added, removed=removed)


__all__ = ["Reloading"]
