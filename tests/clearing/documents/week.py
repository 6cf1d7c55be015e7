"""Two business days of a small ledger: what is booked, and when."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from tests.clearing.trades import (
    book,
    busted,
    corrected,
    delivered,
    deposited,
    traded,
    withdrawn,
)
from venue.clearing.repository import LedgerRepository
from venue.domain.events import (
    AnyEvent,
    ObligationFailed,
    ObligationSettled,
    SettlementBegun,
    SettlementEnded,
)

MONDAY, TUESDAY, WEDNESDAY = "2026-11-30", "2026-12-01", "2026-12-02"


def ns(text: str) -> int:
    """A time in UTC, such as 2026-11-30T09:00."""
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1_000_000_000


def at(text: str, event: AnyEvent) -> AnyEvent:
    return replace(event, timestamp_ns=ns(text))


def events() -> list[AnyEvent]:
    """Deposits and two trades on Monday, a bust, a correction and a withdrawal on Tuesday.

    The trades are 10 at 2.5 with fees of 0.5 and 0.25, and 4 at 3 with a fee of 0.1 each.
    """
    first = traded(3, buyer_fee="0.5", seller_fee="0.25")
    second = traded(
        4, buyer="CHARLIE", buyer_account="A1", quantity="4", price="3", amount="12",
        buyer_fee="0.1", seller_fee="0.1",
    )  # fmt: skip
    return [
        at(f"{MONDAY}T09:00", replace(deposited(1), reference="WIRE")),
        at(f"{MONDAY}T09:00", deposited(2, "BRAVO", "ACME", "100")),
        at(f"{MONDAY}T10:00", first),
        at(f"{MONDAY}T23:59:59", second),
        at(f"{TUESDAY}T00:00", busted(5, first)),
        at(
            f"{TUESDAY}T11:00",
            corrected(6, second, price="3.5", quantity="4", amount="14", fee="0.2"),
        ),
        at(f"{TUESDAY}T12:00", withdrawn(7, amount="100")),
    ]


def booked_week(engine: Engine) -> None:
    """A ledger with these events."""
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered(events()))


def settlement_events() -> list[AnyEvent]:
    """A trade of Monday that is due on Tuesday: delivered in part, the rest has failed.

    ALPHA buys 10 for 25 of BRAVO; 6 for 15 are settled; ALPHA pays and BRAVO gets no penalty.
    """
    owed: dict[str, Any] = {"symbol": "ACME", "due": TUESDAY, "asset": "ACME", "currency": "USD"}
    whose = (("ALPHA", 1), ("BRAVO", -1))
    settled = [
        ObligationSettled(
            event_seq=5 + number, timestamp_ns=0, cycle=1, member=member, account="",
            quantity=str(sign * 6), amount=str(-sign * 15), left_quantity=str(sign * 4),
            left_amount=str(-sign * 10), **owed,
        )
        for number, (member, sign) in enumerate(whose)
    ]  # fmt: skip
    failed = [
        ObligationFailed(
            event_seq=7 + number, timestamp_ns=0, cycle=1, member=member, account="",
            quantity=str(sign * 4), amount=str(-sign * 10), cycles=1, cause=cause,
            short_of=short_of, penalty=penalty, **owed,
        )
        for number, ((member, sign), cause, short_of, penalty) in enumerate(
            zip(whose, ("COUNTERPARTY", "SHORT"), ("", "ACME"), ("0.01", "-0.01"), strict=True)
        )
    ]  # fmt: skip
    begun = SettlementBegun(
        event_seq=4, timestamp_ns=0, cycle=1, settlement_date=TUESDAY, obligations=2,
        operator="ops", reason="",
    )  # fmt: skip
    ended = SettlementEnded(
        event_seq=9, timestamp_ns=0, cycle=1, settlement_date=TUESDAY, settled=0, partly=2, failed=0
    )
    trade = replace(traded(3, buyer_fee="0.5"), settlement_date=TUESDAY)
    return [
        at(f"{MONDAY}T09:00", deposited(1)),
        at(f"{MONDAY}T09:00", deposited(2, "BRAVO", "ACME", "6")),
        at(f"{MONDAY}T10:00", trade),
        *(at(f"{TUESDAY}T17:00", event) for event in (begun, *settled, *failed, ended)),
    ]


def booked_settlement(engine: Engine) -> None:
    """A ledger with these events."""
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered(settlement_events()))
