"""A venue with funds, fees and accounts: ALPHA is prefunded, BRAVO too and by account, not CHARLIE.

Prices of BTC-USD round: an amount of one lot is no whole number of 10^-8 dollars.
"""

import msgspec

from venue.domain import commands as c
from venue.domain.decimal_text import format_money

from .builders import ACME, BTC, DAY, GLOBEX, MEMBERS, Venue

FEES = msgspec.structs.replace(ACME, fee_bps="10")
DEFINITIONS = (
    FEES,
    GLOBEX,
    msgspec.structs.replace(BTC, fee_bps="2.5", dynamic_collar_percent="1"),
)
ACCOUNTS = ("B1", "B2")


def funded_commands(*deposits: c.Deposit) -> list[c.AnyCommand]:
    """Commands that make the venue: its first day is open, with these deposits and no others."""
    return [
        *map(c.AddInstrument, DEFINITIONS),
        c.AddMember("ALPHA", (), "1000000000", 1000, "prefunded"),
        c.AddMember("BRAVO", ACCOUNTS, "1000000000", 1000, "prefunded"),
        c.AddMember("CHARLIE", (), "1000000000", 1000),
        *(c.AddSession(session, member) for session, member in MEMBERS.items()),
        c.StartDay(DAY),
        *deposits,
    ]


def funded(*deposits: c.Deposit) -> Venue:
    """The venue with these deposits."""
    venue = Venue()
    venue.do_all(*funded_commands(*deposits))
    return venue


def enough() -> list[c.Deposit]:
    """All have enough to begin with, and not enough for everything."""
    purses = [("ALPHA", ""), ("CHARLIE", ""), ("BRAVO", "")]
    purses += [("BRAVO", account) for account in ACCOUNTS]
    amounts = (("USD", "50000"), ("ACME", "150"), ("GLOBEX", "300"), ("BTC", "0.8"))
    return [
        c.Deposit(member, asset, amount, account=account)
        for member, account in purses
        for asset, amount in amounts
    ]


def purse(venue: Venue, member: str, asset: str, account: str = "") -> tuple[str, str]:
    """Balance and what is reserved of it, as decimal text."""
    found = venue.engine.state.members[member].purses.seen(account, asset)
    return format_money(found.balance), format_money(found.reserved)
