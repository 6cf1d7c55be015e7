"""[fix_marketdata], [fix_dropcopy], [gateway] and [metrics]: ports beside order entry's."""

from typing import Self

from pydantic import Field, model_validator

from venue.addresses import is_loopback
from venue.settings.sections import Count, FixSettings, Port, Section, WholeNumber


class FixMarketDataSettings(Section):
    host: str = Field(default="127.0.0.1", description="address that FIX market data listens on")
    port: Port = Field(default=9879, description="port of FIX market data; 0: any free port")
    queue_kib: Count = Field(
        default=256, description="unread by a client, in KiB, from which its updates are conflated"
    )
    most_queue_kib: Count = Field(
        default=8192, description="unread by a client, in KiB, at which it is logged out"
    )
    slow_seconds: Count = Field(
        default=30, description="how long a client may be conflated before it is logged out"
    )
    subscriptions: Count = Field(
        default=10_000, description="subscriptions of a session, one for each symbol of a request"
    )


class FixDropCopySettings(Section):
    host: str = Field(default="127.0.0.1", description="address that FIX drop copies listen on")
    port: Port = Field(default=9880, description="port of FIX drop copies; 0: any free port")
    queue_kib: Count = Field(
        default=1024,
        description="unread by a client, in KiB, from which copies wait in the journal",
    )


class GatewaySettings(Section):
    enabled: bool = Field(default=False, description="whether `venue run` runs the gateway")
    host: str = Field(default="127.0.0.1", description="address that HTTP listens on")
    port: Port = Field(default=8080, description="port of HTTP; 0: any free port")
    operators: bool = Field(
        default=False, description="whether operators may act by HTTP and in the browser"
    )
    demo_users: bool = Field(
        default=False, description='users for trying it, with the password "demo"; on loopback only'
    )
    registration: bool = Field(default=False, description="whether anybody may apply over HTTP")
    requests_per_second: Count = Field(default=50, description="of a user, or of his keys")
    orders_per_second: Count = Field(default=500, description="order requests of a member")
    address_requests_per_second: Count = Field(default=200, description="of an address")
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="origins of pages whose scripts may open /v1/stream"
    )
    sockets_per_address: Count = Field(default=200, description="sockets of one address")
    sockets_per_user: Count = Field(default=20, description="sockets of one user")
    kraken: bool = Field(default=True, description="whether clients of Kraken's API are served")

    @model_validator(mode="after")
    def _demo_is_on_loopback(self) -> Self:
        if self.demo_users and not is_loopback(self.host):
            raise ValueError(
                f"{self.host} is not loopback, and everybody knows the password of demo_users"
            )
        return self


class MetricsSettings(Section):
    enabled: bool = Field(default=False, description="whether the processes count, and are asked")
    host: str = Field(default="127.0.0.1", description="address that metrics and health listen on")
    port: Port = Field(
        default=9950,
        le=65_500,
        description="first port; each process has the one of its place; 0: any",
    )
    capacity_per_second: WholeNumber = Field(
        default=0, description="measured limit of messages in a second; 0: not measured"
    )


Listening = FixSettings | FixMarketDataSettings | FixDropCopySettings
"""A section with host and port at which sessions of one kind log on."""
