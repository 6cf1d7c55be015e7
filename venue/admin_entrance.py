"""Wires the operator's way in: admin socket, entrance, operators, and what is inside.

Knows the settings and the stages; decides nothing itself.
"""

from collections.abc import Callable

from venue.accounts import group_id
from venue.admin.listener import AdminListener
from venue.admin.requests import AnyRequest
from venue.admin.typed import Reply, typed
from venue.data_directory import DataDirectory
from venue.domain.commands import NoteDenial, NoteOperator
from venue.engine.state.engine_state import EngineState
from venue.operators.administration import Administration
from venue.operators.entrance import Entrance
from venue.operators.operators import Operators
from venue.sequencer.inbox import Inbox, Input
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings


class AdminEntrance:
    """The admin socket, open as soon as this is made. inside: answers what is let through."""

    def __init__(
        self,
        settings: Settings,
        inside: Callable[[AnyRequest, Reply], None],
        state: EngineState,
        inbox: Inbox,
    ) -> None:
        """Raises ConfigurationError where the operators or their group cannot be read."""
        group = _group(settings.control.operators_group)
        if group is not None:  # earlier versions let others read it, behind a closed door
            DataDirectory(settings.data_dir).session_logs.parent.chmod(0o700)
        operators = Operators(settings.data_dir, by_gateway=settings.gateway.operators)

        def note(command: NoteDenial) -> None:
            inbox.put(Input(None, 0, command=command))

        def note_then(command: NoteOperator, then: Callable[[], None]) -> None:
            inbox.put(Input(None, 0, command=command, notify=lambda events: then()))

        self._administration = Administration(operators, note_then)
        entrance = Entrance(
            operators,
            self._administration,
            inside,
            lambda action_id: state.pending.get(action_id),
            note,
        )
        try:
            self._listener = AdminListener(settings.data_dir, typed(entrance.answer), group)
        except PermissionError as error:
            raise ConfigurationError(
                f"control.operators_group: the admin socket cannot be given to "
                f"{settings.control.operators_group}: {error.strerror}"
            ) from error

    def poll(self) -> None:
        """Accept, read, and go on with what takes longer; returns at once."""
        self._listener.poll()
        self._administration.poll()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._listener.close()
        self._administration.close()


def _group(name: str) -> int | None:
    group = group_id(name) if name else None
    if name and group is None:
        raise ConfigurationError(f"control.operators_group: there is no group {name}")
    return group
