"""URLs of servers that somebody else runs, and who uses which of a database's logins.

Knows their schemes. Must never show a password.
"""

from collections.abc import Callable
from typing import Annotated, Protocol

from pydantic import AfterValidator

from venue.masking import mask_url


def url_with(*schemes: str) -> Callable[[str], str]:
    """Validator of URLs of these schemes, or nothing."""
    begins = tuple(f"{scheme}://" for scheme in schemes)

    def check(url: str) -> str:
        if url and not url.startswith(begins):
            raise ValueError(
                f'"{mask_url(url)}" is not empty and does not begin with {schemes[0]}://'
            )
        return url

    return check


def nats_servers(urls: str) -> str:
    """Validator of the URLs of a cluster's servers, with commas between them, or nothing."""
    check = url_with("nats", "tls", "ws", "wss")
    servers = [url.strip() for url in urls.split(",")]
    if len(servers) > 1 and not all(servers):
        raise ValueError(f'"{mask_url(urls)}" has a comma with no URL beside it')
    return ",".join(check(server) for server in servers)


NatsUrl = Annotated[str, AfterValidator(nats_servers)]
PostgresUrl = Annotated[str, AfterValidator(url_with("postgresql", "postgresql+psycopg"))]

URLS = ("nats_url", "database_url", "database_owner_url", "database_reader_url")
"""Settings that are URLs with a password."""


class GivenUrls(Protocol):
    """The settings that are URLs."""

    @property
    def nats_url(self) -> str: ...
    @property
    def database_url(self) -> str: ...
    @property
    def database_owner_url(self) -> str: ...
    @property
    def database_reader_url(self) -> str: ...


def server_urls(settings: GivenUrls) -> dict[str, str]:
    """URLs of the servers that are given, by setting; empty: an embedded one.

    A database without logins of its own for owner and reader is used with that of database_url.
    """
    database = settings.database_url
    return {
        "nats_url": settings.nats_url,
        "database_url": database,
        "database_owner_url": settings.database_owner_url or database,
        "database_reader_url": settings.database_reader_url or database,
    }
