"""Who is on at the port of a data process, as its status file has it.

Knows the file; brings in no part of the edge, for the command line reads it.
"""

from pathlib import Path

import msgspec

from venue.admin.answers import Connection
from venue.data_directory import DataDirectory


class DataSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is on. subscriptions: of its own; conflated: its updates wait for it to read.

    position: of the last event that it was sent, where it follows events; unread: copies of these
    that it has not proven to have read.
    """

    session: str
    connection: Connection
    subscriptions: int = 0
    conflated: bool = False
    position: int | None = None
    unread: int = 0


class EdgeStatus(msgspec.Struct, frozen=True):
    """address: HOST:PORT that is listened on.

    position: the last event of which the process has all that it shows; null: not known yet.
    """

    address: str
    sessions: list[DataSession] = []
    position: int | None = None


def read_status(data_dir: Path, process: str) -> EdgeStatus | None:
    """What the process shows; None: nothing that can be read."""
    try:
        content = DataDirectory(data_dir).edge_status(process).read_bytes()
        return msgspec.json.decode(content, type=EdgeStatus)
    except (OSError, msgspec.MsgspecError):
        return None


__all__ = ["DataSession", "EdgeStatus", "read_status"]
