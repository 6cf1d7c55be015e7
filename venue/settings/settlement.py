"""[settlement] of venue.toml: which days settle, and what becomes of what is not delivered or paid.

Makes the core's command of it: a named calendar of holidays becomes dates, for the core knows none.
Must never look at files.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from venue.domain.commands import SetSettlementRules
from venue.domain.decimal_text import parse_money
from venue.domain.timetable import WEEKDAYS
from venue.settings.calendar import DateText, HolidayCalendar, Weekday
from venue.settings.errors import shown_value
from venue.settings.sections import DecimalText, Section, WholeNumber
from venue.timetable import holidays_of

HOLIDAY_YEARS = range(2025, 2046)
"""Years of which a named calendar's holidays are written out: the same at whatever time."""
_MOST_BPS = 10_000


def _basis_points(text: str) -> str:
    units = parse_money(text)
    if units is None or units > _MOST_BPS * 10**8:
        raise ValueError(f"{shown_value((), text)} is more than {_MOST_BPS}, the whole value")
    return text


class SettlementSettings(Section):
    weekdays: tuple[Weekday, ...] = Field(
        default=WEEKDAYS[:5], validate_default=True, min_length=1, description="which settle"
    )
    holidays: tuple[DateText, ...] = Field(default=(), description="dates that do not settle")
    holiday_calendar: HolidayCalendar = Field(
        default="", description="market or country whose holidays do not settle either"
    )
    partial: bool = Field(
        default=True, description="whether a part settles where not all can be delivered"
    )
    penalty_bps: Annotated[DecimalText, AfterValidator(_basis_points)] = Field(
        default="0", description="of a fail's value, for each cycle, in 1/100 %"
    )
    buy_in_cycles: WholeNumber = Field(
        default=0, le=1_000, description="cycles after which a fail ends in money; 0: never"
    )
    at_day_end: bool = Field(
        default=False, description="whether the end of a day settles what is due by then"
    )

    def rules(self) -> SetSettlementRules:
        """As the core has them."""
        named = holidays_of(self.holiday_calendar, HOLIDAY_YEARS) if self.holiday_calendar else ()
        return SetSettlementRules(
            weekdays=self.weekdays,
            holidays=tuple(sorted({*self.holidays, *named})),
            partial=self.partial,
            penalty_bps=self.penalty_bps,
            buy_in_cycles=self.buy_in_cycles,
            at_day_end=self.at_day_end,
        )
