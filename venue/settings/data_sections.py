"""[fix_marketdata], [fix_dropcopy], [gateway] and [metrics]: ports beside order entry's."""

from pydantic import Field

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
