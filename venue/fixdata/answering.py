"""A data process's end of its socket: shows a session, ends it, resets its numbers, for trading.

Whether somebody may ask, trading has decided and journaled; the socket is the data directory
owner's. Polled in the loop of the process, and never waits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from venue.admin.answers import Connection
from venue.admin.listener import AdminListener, Reply
from venue.fixdata.asked import Ask, Told
from venue.fixdata.edge import DataEdge
from venue.fixdata.shown import DataSession


class Answering:
    """Serves the socket at `path` as soon as it is made. describe: what the core adds."""

    def __init__(
        self, edge: DataEdge, path: Path, describe: Callable[[str, Connection], DataSession]
    ) -> None:
        """Raises OSError where the socket cannot be made."""
        self._edge = edge
        self._describe = describe
        self._listener = AdminListener(path.parent, self._answer, path=path)

    def poll(self) -> None:
        """Answer what was asked; returns at once."""
        self._listener.poll()

    def close(self) -> None:
        """Remove the socket."""
        self._listener.close()

    def _answer(self, request: dict[str, Any], reply: Reply, uid: int) -> None:
        try:
            asked = msgspec.convert(request, Ask)
        except msgspec.ValidationError as error:
            told = Told(refused=f"not understood: {error}")
        else:
            told = self._done(asked)
        reply(msgspec.to_builtins(told))

    def _done(self, asked: Ask) -> Told:
        edge, name = self._edge, asked.session
        if name not in edge.names():
            return Told(refused=f"session {name} does not log on here")
        if asked.act == "reset":
            try:
                if not edge.reset(name):
                    return Told(refused=f"session {name} is logged on; log it out first")
            except OSError as error:
                return Told(refused=f"the disk does not take the numbers of {name}: {error}")
        told = self._told(name)  # before it is ended: whether it was on
        if asked.act == "end" and edge.is_on(name):
            edge.end(name, asked.text)
        elif asked.act == "look":
            edge.authentication.forgive(name)
        edge.end_disabled()
        return told

    def _told(self, name: str) -> Told:
        edge = self._edge
        connection = edge.connections().get(name)
        more = self._describe(name, connection or _NOBODY)
        return Told(
            logged_on=edge.is_on(name),
            next_in=edge.sender.next_in(name),
            next_out=edge.sender.next_out(name),
            unread=more.unread,
            connection=connection,
            refused_logons=edge.refused_logons(name),
            ended=edge.last_end(name),
            subscriptions=more.subscriptions,
            conflated=more.conflated,
            position=more.position,
        )


_NOBODY = Connection("", False, "", "", 0)

__all__ = ["Answering"]
