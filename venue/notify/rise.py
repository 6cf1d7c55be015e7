"""That the use of a limit has risen past a mark. Pure data."""

from typing import NamedTuple

from venue.notify.limits_used import DAILY_LOSS

Whose = tuple[str, str]
"""A member and one of its accounts; empty: all of the member."""


class Rise(NamedTuple):
    """The use of a limit has risen, from a percentage that was told to one that was not."""

    whose: Whose
    limit: str
    before: int
    percent: int
    used: str
    value: str

    @property
    def blocks(self) -> bool:
        """Whether new orders are refused from now on, until it falls again."""
        return self.limit == DAILY_LOSS and self.before < 100 <= self.percent
