"""A trading day, as its orders know it: one object that all of them share."""


class Day:
    """is_over: the next day has begun. Orders that were open then are of the next day."""

    __slots__ = ("is_over",)

    def __init__(self, *, is_over: bool = False) -> None:
        self.is_over = is_over


OVER = Day(is_over=True)
"""Any day before the current one."""
