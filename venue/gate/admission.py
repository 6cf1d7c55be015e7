"""Finds whose a connection is, and whether it may come, before a byte is read as TLS or FIX.

Knows sockets and PROXY protocol. A connection that may not come is closed without an answer.
"""

import asyncio
import socket
from typing import NamedTuple

from venue.addresses import Network, is_within, plain
from venue.gate.client import Whose
from venue.gate.proxy_protocol import ProxyHeaderError, read_header
from venue.settings.gate import GateSettings


class NotAdmitted(Exception):
    """Why a connection is closed before TLS and FIX, for the operator."""


class Rules(NamedTuple):
    """The addresses that may connect, and those of load balancers."""

    allowed: tuple[Network, ...]
    proxies: tuple[Network, ...]

    @classmethod
    def of(cls, settings: GateSettings) -> "Rules":
        """The rules in [gate]."""
        return cls(settings.allowed_networks(), settings.proxies())


async def find_whose(
    loop: asyncio.AbstractEventLoop,
    connection: socket.socket,
    other_end: Whose,
    rules: Rules,
    until: float,
) -> Whose:
    """Whose connection it is: the other end's, or that of the client which a balancer names.

    until: loop time at which the balancer's header must be there. Raises NotAdmitted.
    """
    whose = other_end
    if is_within(other_end.address, rules.proxies):
        try:
            async with asyncio.timeout_at(until):
                named = await read_header(loop, connection)
        except TimeoutError:
            raise NotAdmitted("no PROXY header came in time") from None
        except (ProxyHeaderError, OSError) as error:
            raise NotAdmitted(str(error)) from error
        if named is not None:
            whose = Whose(plain(named[0]), named[1])
    if rules.allowed and not is_within(whose.address, rules.allowed):
        raise NotAdmitted(f"{whose.address} is none of allowed_addresses")
    return whose
