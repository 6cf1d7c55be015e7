"""IP addresses of clients: in one spelling, within networks, and grouped by customer.

Pure text; knows the standard library only.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

_ONE_CUSTOMER = 64
"""Bits of the IPv6 network that one customer is given: all addresses in it may be its own."""


def plain(address: str) -> str:
    """The address without its scope; an IPv4 address that was mapped into IPv6 as IPv4."""
    parsed = _parsed(address)
    return address if parsed is None else str(parsed)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of these networks; a text that is no address is in none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def address_key(address: str) -> str:
    """The key under which an address is counted: for IPv6 the network of one customer."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address) and not parsed.is_loopback:
        return str(IPv6Network((parsed, _ONE_CUSTOMER), strict=False))
    return address if parsed is None else str(parsed)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a listener on `host`. A name counts as open, but for
    localhost."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed if mapped is None else IPv4Address(mapped)
