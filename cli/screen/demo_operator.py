"""The demo's operator: the venue knows the name of the gateway's user `operator`, and its role.

His password is the gateway's to check; the one that is set here nobody knows.
"""

import secrets

from venue.admin.answers import Refusal
from venue.admin.client import ask
from venue.admin.operator_requests import AddOperator
from venue.domain.role import Role
from venue.gateway.demo_users import OPERATOR
from venue.settings.settings import Settings

ROLE = Role.RISK
"""All but what adds and removes instruments, members, sessions and operators."""


def add_demo_operator(settings: Settings) -> None:
    """Add him to a venue that runs, where the demo's users may operate; once he is there he stays.

    Raises VenueUnreachable.
    """
    if not (settings.gateway.demo_users and settings.gateway.operators):
        return
    added = ask(settings.data_dir, AddOperator(OPERATOR, ROLE, password=secrets.token_urlsafe(18)))
    assert not isinstance(added, Refusal) or "already" in added.error, added
