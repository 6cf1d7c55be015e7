"""The rules of margin, as the configuration says them: plain text and numbers. Off without any."""

import msgspec


class MarginRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """All percentages are decimal text.

    currency: what margin is counted in. initial_percent: of the value of a position, unless
    `initial` has another one for its symbol. haircuts: asset -> percent that is taken off its
    value; such an asset is collateral, and no position. due_minutes: from a call to its block.
    """

    currency: str = "USD"
    initial_percent: str = "10"
    initial: dict[str, str] = {}
    haircuts: dict[str, str] = {}
    due_minutes: int = 60
