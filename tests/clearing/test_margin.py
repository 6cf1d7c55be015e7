"""Margin of accounts, to the unit: positions, marks, collateral, haircuts, and who lacks what."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venue.clearing.margin.requirement import AccountMargin, Balance, Mark, deficits, margin_of
from venue.domain.margin_rules import MarginRules

RULES = MarginRules("USD", "10", {"GLOBEX": "25"}, {"BTC": "40"})
MARKS = {
    "ACME": Mark("ACME", Decimal("100")),
    "GLOBEX": Mark("GLOBEX", Decimal("20.5")),
    "BTC": Mark("BTC-USD", Decimal("50000")),
}


def balances(**amounts: str) -> list[Balance]:
    return [Balance("ALPHA", "", asset, Decimal(text)) for asset, text in amounts.items()]


def only(found: list[AccountMargin]) -> tuple[str, str, str]:
    """Equity, requirement and deficit of the one account."""
    (account,) = found
    return f"{account.equity:f}", f"{account.required:f}", f"{account.deficit:f}"


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"USD": "500"}, (500, 0, 0)),
        ({"USD": "-1"}, (-1, 0, 1)),
        ({"USD": "-900", "ACME": "10"}, (100, 100, 0)),
        ({"USD": "-900.01", "ACME": "10"}, ("99.99", 100, "0.01")),
        ({"USD": "1000", "ACME": "-10"}, (0, 100, 100)),
        ({"USD": "1100", "ACME": "-10"}, (100, 100, 0)),
        ({"GLOBEX": "4"}, (82, "20.5", 0)),
        ({"USD": "-900", "ACME": "10", "GLOBEX": "-4"}, (18, "120.5", "102.5")),
        ({"BTC": "1"}, (30_000, 0, 0)),
        ({"BTC": "-1"}, (-50_000, 5_000, 55_000)),
        ({"BTC": "0.5", "ACME": "-100"}, (5_000, 1_000, 0)),
    ],
)
def test_margin_of_an_account(
    amounts: dict[str, str], expected: tuple[str | int, str | int, str | int]
) -> None:
    found = only(margin_of(balances(**amounts), MARKS, RULES))
    assert tuple(map(Decimal, found)) == tuple(map(Decimal, expected))


def test_deficit_is_rounded_up_so_that_it_covers() -> None:
    marks = {"ACME": Mark("ACME", Decimal("0.00000001"))}
    (account,) = margin_of(balances(ACME="-0.00000001"), marks, RULES)
    assert account.deficit == Decimal("0.00000001")


def test_no_account_covers_another() -> None:
    rich = Balance("ALPHA", "A1", "USD", Decimal(1_000))
    poor = Balance("ALPHA", "A2", "USD", Decimal(-5))
    poorer = Balance("BRAVO", "", "USD", Decimal(-7))
    found = margin_of([rich, poor, poorer], MARKS, RULES)
    assert [each.deficit for each in found] == [0, 5, 7]
    assert deficits(found) == {"ALPHA": Decimal(5), "BRAVO": Decimal(7)}


def test_asset_without_a_price_counts_nothing_and_is_named() -> None:
    (account,) = margin_of(balances(EUR="1000", USD="-3"), MARKS, RULES)
    assert (account.equity, account.deficit) == (Decimal(-3), Decimal(3))
    assert account.unpriced == ("EUR",)


_units = st.integers(-(10**16), 10**16).map(lambda units: Decimal(units).scaleb(-8))


@given(usd=_units, acme=_units, globex=_units, btc=_units)
def test_margin_agrees_with_fractions(
    usd: Decimal, acme: Decimal, globex: Decimal, btc: Decimal
) -> None:
    found = margin_of(
        balances(USD=str(usd), ACME=str(acme), GLOBEX=str(globex), BTC=str(btc)), MARKS, RULES
    )
    values = {
        "ACME": Fraction(acme) * 100,
        "GLOBEX": Fraction(globex) * Fraction("20.5"),
        "BTC": Fraction(btc) * 50_000,
    }
    equity = Fraction(usd) + values["ACME"] + values["GLOBEX"]
    required = abs(values["ACME"]) / 10 + abs(values["GLOBEX"]) / 4
    if values["BTC"] > 0:
        equity += values["BTC"] * Fraction(6, 10)
    else:
        equity += values["BTC"]
        required -= values["BTC"] / 10
    (account,) = found
    assert (Fraction(account.equity), Fraction(account.required)) == (equity, required)
    lacking = max(required - equity, Fraction(0))
    assert 0 <= Fraction(account.deficit) - lacking < Fraction(1, 10**8)
