"""Which behaviours are due for a message. Counts; knows no socket and changes no message."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from venue.fixclient.session import SESSION_MESSAGES
from venue.simulator.behaviours import AnyBehaviour, FromClient, On, ToClient


class Facts(NamedTuple):
    """What `On` asks of a message."""

    session: str
    msg_type: bytes
    cl_ord_id: bytes
    is_from_client: bool


class Armed:
    """A behaviour, and how many messages it has met and has been done to."""

    def __init__(self, behaviour: AnyBehaviour) -> None:
        self.behaviour = behaviour
        self.met = 0
        self.used = 0

    @property
    def is_spent(self) -> bool:
        """Whether no message is left for it."""
        return 0 < self.behaviour.on.count <= self.used

    def takes(self, facts: Facts) -> bool:
        """Whether it is due for this message, which counts then."""
        if self.is_spent or not self._is_for(facts):
            return False
        self.met += 1
        if self.met < self.behaviour.on.nth:
            return False
        self.used += 1
        return True

    def _is_for(self, facts: Facts) -> bool:
        side = ToClient if facts.is_from_client else FromClient
        return not isinstance(self.behaviour, side) and _matches(self.behaviour.on, facts)


class Plan:
    """Behaviours in their order. All that are due for a message are done to it, in that order."""

    def __init__(self, behaviours: Iterable[AnyBehaviour] = ()) -> None:
        self.armed = [Armed(each) for each in behaviours]

    def add(self, behaviours: Iterable[AnyBehaviour]) -> None:
        """Arm these behind the others."""
        self.armed += [Armed(each) for each in behaviours]

    def clear(self) -> None:
        """Arm none."""
        self.armed.clear()

    def due(self, facts: Facts) -> list[AnyBehaviour]:
        """What is to be done to this message."""
        return [each.behaviour for each in self.armed if each.takes(facts)]


def _matches(on: On, facts: Facts) -> bool:
    msg_type = facts.msg_type.decode("latin-1")
    if on.msg_type:
        is_type = msg_type in on.msg_type.split()
    else:
        is_type = facts.msg_type not in SESSION_MESSAGES
    return (
        is_type
        and fnmatchcase(facts.session, on.session)
        and fnmatchcase(facts.cl_ord_id.decode("latin-1"), on.cl_ord_id)
    )
