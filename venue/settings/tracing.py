"""[tracing]: spans of orders, for a collector of OpenTelemetry."""

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from venue.settings.sections import DecimalText, Section


class TracingSettings(Section):
    enabled: bool = Field(default=False, description="whether the processes give spans of orders")
    endpoint: str = Field(
        default="http://127.0.0.1:4318/v1/traces",
        pattern=r"^https?://[!-~]+$",
        description="where spans go, by OTLP over HTTP",
    )
    share: DecimalText = Field(
        default="0.01", description='of all orders, those that are traced: "0" none, "1" all'
    )

    @model_validator(mode="after")
    def _share_is_a_part(self) -> Self:
        if Decimal(self.share) > 1:
            raise ValueError(f'share = "{self.share}" is more than "1", which is all orders')
        return self
