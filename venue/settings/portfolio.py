"""[portfolio]: how cost and P&L of positions are reckoned."""

from typing import Literal

from pydantic import Field

from venue.settings.sections import Section


class PortfolioSettings(Section):
    method: Literal["fifo", "average"] = Field(
        default="fifo", description="whose cost a sale takes: of the oldest lot, or the average"
    )
