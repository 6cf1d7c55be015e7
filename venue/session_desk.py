"""What an operator does with FIX sessions, wired: secrets, configuration, sessions beside trading.

Knows the parts; decides nothing itself.
"""

from collections.abc import Callable, Iterable

from venue.checked_configuration import CheckedConfiguration
from venue.chosen_secrets import ChosenSecrets
from venue.data_directory import DataDirectory
from venue.data_sessions import DataSessions
from venue.edge import FixEdge
from venue.engine.state.engine_state import EngineState
from venue.fix.encode import ReportEncoder
from venue.live_sessions import LiveSessions
from venue.sequencer.inbox import Inbox
from venue.session_secrets import SessionSecrets


class SessionDesk:
    """beside: sessions of market data and drop copies. live: brings in the configuration.

    secrets: sets passwords and keys.
    """

    def __init__(
        self,
        edge: FixEdge,
        state: EngineState,
        inbox: Inbox,
        encoder: ReportEncoder,
        files: CheckedConfiguration,
        restore: Callable[[Iterable[str]], object],
    ) -> None:
        self.live = LiveSessions(edge, encoder, files, restore)
        self.beside = DataSessions(lambda: edge.settings, state, inbox)
        place = DataDirectory(edge.settings.data_dir)
        self._chosen = ChosenSecrets(place, state, inbox, self.beside.owner_of)
        edge.authentication.password_chosen = lambda session: self._chosen.look()
        self.secrets = SessionSecrets(edge.authentication, edge.all_names, inbox, self.beside)

    def poll(self) -> None:
        """Go on with what takes longer; returns at once."""
        self.live.poll()
        self.beside.poll()
        self._chosen.poll()

    def close(self) -> None:
        """End the threads."""
        self.live.close()
        self.beside.close()


__all__ = ["SessionDesk"]
