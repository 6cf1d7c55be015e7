"""The operators' pages of the desk: what /v1/operator tells and does, for people.

Each page acts by the API alone, with its user's token: a page may nothing that the API may not.
"""

from venue.gateway.desk.frame import Frame
from venue.gateway.desk.operator import (
    alerts_page,
    approvals_page,
    breaks_page,
    calendar_page,
    commands_page,
    markets_page,
    members_page,
    messages_page,
    orders_page,
    past_page,
    sessions_page,
    settlement_page,
    trades_page,
    venue_page,
)

PAGES = (
    venue_page,
    markets_page,
    members_page,
    sessions_page,
    messages_page,
    orders_page,
    trades_page,
    approvals_page,
    calendar_page,
    settlement_page,
    breaks_page,
    alerts_page,
    past_page,
    commands_page,
)
"""In the order of the navigation."""


def pages(frame: Frame) -> None:
    """Declare all of them."""
    for part in PAGES:
        part.pages(frame)
