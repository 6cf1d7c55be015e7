"""The Kraken profile on the gateway's application.

Knows the paths. Must come before anything that takes all paths.
"""

from fastapi import FastAPI

from venue.gateway.context import Gateway
from venue.gateway.kraken import methods, rest
from venue.gateway.kraken.profile import Kraken, fees_of, profile_of
from venue.settings.settings import Settings


def serve(
    application: FastAPI, gateway: Gateway, nats_url: str, settings: Settings
) -> Kraken | None:
    """Serve the profile where the settings say so. The caller closes it."""
    if not settings.gateway.kraken:
        return None
    kraken = profile_of(gateway, nats_url, fees_of(settings))
    application.state.kraken = kraken
    application.include_router(rest.router)
    application.include_router(methods.router)
    return kraken
