"""Journals each password that a session has chosen itself, over FIX, at whichever port: once.

The store of passwords has when each was chosen, written with it; the state has which of these were
noted. So nothing is lost while trading is away, and nothing is noted twice. Never has a secret.
"""

import time
from collections.abc import Callable

import structlog

from venue.data_directory import DataDirectory
from venue.domain.commands import NoteSecret
from venue.engine.state.engine_state import EngineState
from venue.fix.credentials_file import read_credentials, stamp_of
from venue.sequencer.inbox import Inbox, Input
from venue.settings.configuration_error import ConfigurationError

LOOK_SECONDS = 0.5
_log = structlog.get_logger("sessions")


class ChosenSecrets:
    """owner_of: the member of a session that the engine does not know, or empty."""

    def __init__(
        self,
        place: DataDirectory,
        state: EngineState,
        inbox: Inbox,
        owner_of: Callable[[str], str],
    ) -> None:
        self._file = place.credentials
        self._state = state
        self._inbox = inbox
        self._owner_of = owner_of
        self._stamp: tuple[int, int, int] | None = None
        self._queued: dict[str, int] = {}
        """The newest of each session that waits in the inbox, or has gone through it."""
        self._look_at = 0.0

    def poll(self) -> None:
        """Look now and then; returns at once."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self.look()

    def look(self) -> None:
        """Queue a note of each choice that the store has and the journal lacks."""
        stamp = stamp_of(self._file)
        if stamp == self._stamp:
            return
        try:
            records = read_credentials(self._file)
        except (ConfigurationError, OSError) as error:
            _log.error("chosen passwords cannot be noted", error=str(error))
            self._stamp = stamp
            return
        self._stamp = stamp
        for session, record in records.items():
            noted = max(self._state.noted_secrets.get(session, 0), self._queued.get(session, 0))
            for chosen_ns in record.chosen_ns:
                if chosen_ns > noted:
                    owner = self._owner_of(session)
                    note = NoteSecret(session, "password", chosen_ns=chosen_ns, owner=owner)
                    self._inbox.put(Input(None, 0, command=note))
                    self._queued[session] = chosen_ns


__all__ = ["ChosenSecrets"]
