"""The limits of a member or account: their names, their units, and how they are written. Pure.

None is no limit. Money is in 10^-8 of the currency, a position in 10^-8 units of one instrument.
"""

from venue.domain.decimal_text import MAX_DIGITS, format_money, parse_money

MONEY = ("credit_limit", "max_gross_notional", "max_net_notional", "max_daily_loss")
QUANTITY = ("max_position",)
COUNT = ("max_open_orders", "order_to_trade_ratio")
NAMES = ("restricted",)
"""Symbols that must not be traded, separated by blanks. `ACME:buy` restricts buying only, and
`ACME:sell` selling only."""

LIMIT_NAMES = (*MONEY, *QUANTITY, *COUNT, *NAMES)
ACCOUNT_LIMIT_NAMES = tuple(name for name in LIMIT_NAMES if name != "order_to_trade_ratio")

_OF_POSITIONS = ("max_position", "max_gross_notional", "max_net_notional", "max_daily_loss")
_MOST = 10**28


class Limits:
    """Limits of a member or of one of its accounts.

    of_positions: whether any limit on positions, their value or their loss is set.
    """

    __slots__ = (*LIMIT_NAMES, "of_positions")

    def __init__(self) -> None:
        self.credit_limit: int | None = None
        self.max_gross_notional: int | None = None
        self.max_net_notional: int | None = None
        self.max_daily_loss: int | None = None
        self.max_position: int | None = None
        self.max_open_orders: int | None = None
        self.order_to_trade_ratio: int | None = None
        self.restricted: tuple[str, ...] = ()
        self.of_positions = False

    def set(self, name: str, text: str | None) -> None:
        """Set one limit; None removes it. Raises ValueError with words for the operator, and then
        changes nothing."""
        value = _value(name, text)
        assert not isinstance(value, int) or 0 <= value <= _MOST
        setattr(self, name, value)
        self._find_of_positions()

    def copy(self) -> "Limits":
        """Other limits with the same values."""
        other = Limits()
        for name in LIMIT_NAMES:
            setattr(other, name, getattr(self, name))
        other._find_of_positions()
        return other

    def texts(self) -> dict[str, str]:
        """The limits that are set, by name, as they are written."""
        texts: dict[str, str] = {}
        for name in LIMIT_NAMES:
            value = getattr(self, name)
            if name in NAMES:
                if value:
                    texts[name] = " ".join(value)
            elif value is not None:
                texts[name] = str(value) if name in COUNT else format_money(value)
        return texts

    def _find_of_positions(self) -> None:
        self.of_positions = any(getattr(self, name) is not None for name in _OF_POSITIONS)


def _value(name: str, text: str | None) -> int | tuple[str, ...] | None:
    if name not in LIMIT_NAMES:
        raise ValueError(f"{name} is no limit; there are {', '.join(LIMIT_NAMES)}")
    if name in NAMES:
        return tuple(sorted(set(text.split()))) if text else ()
    if text is None:
        return None
    if name in COUNT:
        if not (text.isascii() and text.isdigit()) or len(text) > MAX_DIGITS or int(text) > _MOST:
            raise ValueError(f"{name} = {text} is no whole number of 0 or more")
        return int(text)
    value = parse_money(text)
    if value is None or not 0 <= value <= _MOST:
        raise ValueError(f"{name} = {text} is no number of 0 or more with at most 8 decimals")
    return value
