"""How far the journal and each of its consumers are, as they show it."""

from pathlib import Path

from venue.bus.position_file import read_position_file
from venue.data_directory import DataDirectory
from venue.journal.durable import read_position
from venue.processes import BY_NAME


class Positions:
    """Positions of one deployment."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def journal(self) -> int:
        """Last event_seq that is on disk."""
        return read_position(self._data_dir / "journal")[0]

    def of(self, name: str) -> int:
        """Last event_seq that a process says it has done; 0 before it has said anything.

        Of one that hosts others: what all of them have done.
        """
        hosted = BY_NAME[name].hosts
        if hosted:
            return min(map(self.of, hosted))
        position = read_position_file(DataDirectory(self._data_dir).position(name))
        return 0 if position is None else position.event_seq
