"""[margin] of venue.toml: what positions have to be covered with. Without it there is no margin."""

from typing import Annotated

from pydantic import AfterValidator, Field

from venue.domain.decimal_text import parse_money
from venue.domain.margin_rules import MarginRules
from venue.settings.errors import shown_value
from venue.settings.sections import Count, DecimalText, Section, Symbol


def percentage(text: str) -> str:
    """Validator of a percentage from 0 to 100."""
    units = parse_money(text)
    if units is None or not 0 <= units <= 100 * 10**8:
        raise ValueError(f"{shown_value((), text)} is no percentage from 0 to 100")
    return text


Percent = Annotated[DecimalText, AfterValidator(percentage)]


class MarginSettings(Section):
    currency: Symbol = Field(default="USD", description="what margin is counted and called in")
    initial_percent: Percent = Field(
        default="10", description="initial margin, in percent of a position's value"
    )
    initial: dict[Symbol, Percent] = Field(
        default={}, description="the same for single instruments, by symbol"
    )
    haircuts: dict[Symbol, Percent] = Field(
        default={}, description="assets that are collateral, with the percent taken off their value"
    )
    due_minutes: Count = Field(
        default=60, description="from a margin call until entry is stopped where it is not met"
    )

    def rules(self) -> MarginRules:
        """The same for the domain."""
        return MarginRules(
            self.currency,
            self.initial_percent,
            dict(self.initial),
            dict(self.haircuts),
            self.due_minutes,
        )
