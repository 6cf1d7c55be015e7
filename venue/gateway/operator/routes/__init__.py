"""The operators' paths, a file for what belongs together, and the router with all of them."""

from fastapi import APIRouter

from venue.gateway.operator.routes import acts, calendar, journal, ledger, market, sessions, state

PREFIX = "/v1/operator"
PARTS = (state, sessions, market, ledger, calendar, journal, acts)


def router() -> APIRouter:
    """All paths of operators."""
    made = APIRouter(prefix=PREFIX, tags=["operators"])
    for part in PARTS:
        made.include_router(part.router)
    return made
