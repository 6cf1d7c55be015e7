"""What share of the messages are new orders, cancels and replaces; how many cross. Pure."""

from typing import NamedTuple


class MixError(ValueError):
    """The text states no mix; says why in one line."""


class Mix(NamedTuple):
    """Percent of the messages; cross: percent of the new orders that are priced to trade."""

    new: int = 70
    cancel: int = 25
    replace: int = 5
    cross: int = 33

    def text(self) -> str:
        """As it is written on the command line."""
        return f"new={self.new},cancel={self.cancel},replace={self.replace}"


def parse_mix(text: str, cross: int) -> Mix:
    """Mix of `new=70,cancel=25,replace=5`; what is not named is 0. Raises MixError."""
    shares = {"new": 0, "cancel": 0, "replace": 0}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in shares or not number.isdecimal():
            raise MixError(f"{part!r} is not new=, cancel= or replace= with a whole number")
        shares[name] = int(number)
    if sum(shares.values()) != 100:
        raise MixError(f"{text} adds up to {sum(shares.values())}, not to 100")
    if shares["new"] == 0:
        raise MixError("without new orders there is nothing to cancel or replace")
    if not 0 <= cross <= 100:
        raise MixError(f"{cross} of 100 orders cannot cross")
    return Mix(**shares, cross=cross)
