"""[gate] of venue.toml: connections from outside the machine, and checks between its keys.

Knows the section alone; must never look at files.
"""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from venue.addresses import Network
from venue.settings.errors import KeyPath, shown_value
from venue.settings.sections import Count, Port, Section
from venue.settings.session_kinds import DATA_KINDS, SessionKind


def network_text(text: str) -> str:
    """Validator of an address or network."""
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(
            f'{shown_value((), text)} is no address or network such as "10.1.2.0/24"'
        ) from None
    return text


NetworkText = Annotated[str, AfterValidator(network_text)]


class GateSettings(Section):
    host: str = Field(default="127.0.0.1", description="address that the gate listens on")
    port: Port = Field(default=9888, description="port of the gate; 0: any free port")
    marketdata_port: Port | None = Field(
        default=None, description="its port for sessions of market data; none: not from outside"
    )
    dropcopy_port: Port | None = Field(
        default=None, description="its port for sessions of drop copies; none: not from outside"
    )
    certificate: Path | None = Field(
        default=None, description="PEM file of its certificate chain; none: no TLS"
    )
    key: Path | None = Field(default=None, description="PEM file of the certificate's private key")
    client_certificate: Literal["none", "optional", "required"] = Field(
        default="none", description="whether clients show a certificate of client_ca"
    )
    client_ca: Path | None = Field(
        default=None, description="PEM file of who signs the clients' certificates"
    )
    allowed_addresses: tuple[NetworkText, ...] = Field(
        default=(), description="addresses and networks that may connect; empty: all"
    )
    proxy_protocol_from: tuple[NetworkText, ...] = Field(
        default=(), description="load balancers, which say by PROXY protocol v2 for whom they speak"
    )
    handshake_seconds: Count = Field(default=5, description="time for the TLS handshake")
    logon_seconds: Count = Field(default=10, description="time from then to the logon's answer")
    connections: Count = Field(default=1000, description="connections in all")
    connections_per_address: Count = Field(default=100, description="connections of one address")
    connections_per_minute: Count = Field(
        default=600, description="new connections that one address may try"
    )

    def ports(self) -> dict[SessionKind, int]:
        """The port for each kind of sessions that may come from outside."""
        found: dict[SessionKind, int | None] = {
            "trading": self.port,
            "marketdata": self.marketdata_port,
            "dropcopy": self.dropcopy_port,
        }
        return {kind: port for kind, port in found.items() if port is not None}

    def addresses(self) -> dict[str, str]:
        """HOST:PORT by what the ready line calls it; of a free port that it takes there is none."""
        named = {f"gate-{kind}".removesuffix("-trading"): p for kind, p in self.ports().items()}
        return {name: f"{self.host}:{port}" for name, port in named.items() if port}

    @property
    def has_tls(self) -> bool:
        """Whether clients connect by TLS."""
        return self.certificate is not None

    def allowed_networks(self) -> tuple[Network, ...]:
        """allowed_addresses, parsed."""
        return tuple(map(ip_network, self.allowed_addresses))

    def proxies(self) -> tuple[Network, ...]:
        """proxy_protocol_from, parsed."""
        return tuple(map(ip_network, self.proxy_protocol_from))


def gate_errors(gate: GateSettings) -> Iterator[tuple[KeyPath, str]]:
    """Values that are right alone but do not fit together: the key to change, and why."""
    if gate.key is not None and gate.certificate is None:
        yield ("gate", "key"), "needs a certificate beside it"
    if gate.certificate is not None and gate.key is None:
        yield ("gate", "certificate"), "needs its key beside it"
    given = [port for port in gate.ports().values() if port]
    for kind in DATA_KINDS:
        port = gate.ports().get(kind)
        if port and given.count(port) > 1:
            yield ("gate", f"{kind}_port"), f"{port} is another port of the gate, too"
    asks = gate.client_certificate != "none"
    if asks and gate.client_ca is None:
        yield (
            ("gate", "client_certificate"),
            f'"{gate.client_certificate}" needs client_ca, who signs them',
        )
    if gate.client_ca is not None and not (asks and gate.certificate is not None):
        yield (
            ("gate", "client_ca"),
            "needs certificate and key, and client_certificate optional or required",
        )
