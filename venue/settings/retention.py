"""The section [retention]: how long each store keeps what it has, all in one place.

Knows names and numbers only; who removes is venue.housekeeping, and the publisher for the streams.
"""

from pydantic import Field

from venue.settings.sections import Section, WholeNumber


class RetentionSettings(Section):
    journal_days: WholeNumber = Field(
        default=0, description="age of journal segments that may be removed; 0: none ever is"
    )
    journal_gib: WholeNumber = Field(
        default=0, description="above it the oldest journal segments may be removed; 0: never"
    )
    stream_days: WholeNumber = Field(
        default=7, description="age of events that leave the stream of all events; 0: none does"
    )
    stream_gib: WholeNumber = Field(
        default=16, description="above it the oldest events leave that stream; 0: never"
    )
    drop_stream_days: WholeNumber = Field(
        default=30, description="age of drop copies that leave a member's stream; 0: none does"
    )
    drop_stream_gib: WholeNumber = Field(
        default=4, description="above it the oldest copies leave a member's stream; 0: never"
    )
    trade_stream_days: WholeNumber = Field(
        default=30, description="age of public trades that leave their stream; 0: none does"
    )
    trade_stream_gib: WholeNumber = Field(
        default=4, description="above it the oldest public trades leave their stream; 0: never"
    )
    ledger_stream_days: WholeNumber = Field(
        default=0, description="age of wallet events that leave their stream; 0: none does"
    )
    ledger_stream_gib: WholeNumber = Field(
        default=16, description="above it the oldest wallet events leave their stream; 0: never"
    )
    trail_days: WholeNumber = Field(
        default=0,
        description="age of segments of the audit trail that are removed; 0: none ever is",
    )
    message_log_days: WholeNumber = Field(
        default=30, description="age of logs of FIX messages that are removed; 0: none ever is"
    )
    message_log_gib: WholeNumber = Field(
        default=8, description="above it the oldest of these logs are removed; 0: never"
    )
    service_log_days: WholeNumber = Field(
        default=30, description="age of the processes' logs that are removed; 0: none ever is"
    )
    service_log_gib: WholeNumber = Field(
        default=1, description="above it the oldest of these logs are removed; 0: never"
    )
