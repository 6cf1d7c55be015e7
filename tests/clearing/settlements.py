"""Events of settlement, transfers and corporate actions as the engine makes them, for clearing."""

from venue.domain.events import (
    FundsReversed,
    FundsTransferred,
    HoldingAdjusted,
    ObligationAdjusted,
    ObligationBoughtIn,
    ObligationFailed,
    ObligationMoved,
    ObligationSettled,
    SettlementBegun,
    SettlementEnded,
    StockSplit,
)

T0_NS = 1_700_000_000_000_000_000
"""2023-11-14: time of event 0 of these days."""
DUE = "2023-11-16"


def at(event_seq: int) -> int:
    return T0_NS + event_seq


def begun(event_seq: int, cycle: int = 1, obligations: int = 0, on: str = DUE) -> SettlementBegun:
    return SettlementBegun(
        event_seq=event_seq, timestamp_ns=at(event_seq), cycle=cycle, settlement_date=on,
        obligations=obligations, operator="ops", reason="day",
    )  # fmt: skip


def ended(
    event_seq: int,
    cycle: int = 1,
    settled: int = 0,
    partly: int = 0,
    failed: int = 0,
    on: str = DUE,
) -> SettlementEnded:
    return SettlementEnded(
        event_seq=event_seq, timestamp_ns=at(event_seq), cycle=cycle, settlement_date=on,
        settled=settled, partly=partly, failed=failed,
    )  # fmt: skip


def settled(
    event_seq: int,
    member: str,
    quantity: str,
    amount: str,
    left_quantity: str = "0",
    left_amount: str = "0",
    *,
    account: str = "",
    cycle: int = 1,
    due: str = DUE,
) -> ObligationSettled:
    return ObligationSettled(
        event_seq=event_seq, timestamp_ns=at(event_seq), cycle=cycle, member=member,
        account=account, symbol="ACME", due=due, quantity=quantity, asset="ACME", amount=amount,
        currency="USD", left_quantity=left_quantity, left_amount=left_amount,
    )  # fmt: skip


def failed(
    event_seq: int,
    member: str,
    quantity: str,
    amount: str,
    *,
    account: str = "",
    cycle: int = 1,
    due: str = DUE,
    cycles: int = 1,
    penalty: str = "0",
    short_of: str = "",
) -> ObligationFailed:
    return ObligationFailed(
        event_seq=event_seq, timestamp_ns=at(event_seq), cycle=cycle, member=member,
        account=account, symbol="ACME", due=due, quantity=quantity, asset="ACME", amount=amount,
        currency="USD", cycles=cycles, cause="SHORT" if short_of else "COUNTERPARTY",
        short_of=short_of, penalty=penalty,
    )  # fmt: skip


def bought_in(
    event_seq: int,
    member: str,
    quantity: str,
    amount: str,
    compensation: str,
    *,
    account: str = "",
    cycle: int = 1,
    due: str = DUE,
) -> ObligationBoughtIn:
    return ObligationBoughtIn(
        event_seq=event_seq, timestamp_ns=at(event_seq), cycle=cycle, member=member,
        account=account, symbol="ACME", due=due, quantity=quantity, asset="ACME", amount=amount,
        currency="USD", price="3", compensation=compensation,
    )  # fmt: skip


def passed_on(
    event_seq: int,
    member: str,
    to_member: str,
    quantity: str,
    amount: str,
    *,
    account: str = "",
    to_account: str = "",
    due: str = DUE,
) -> ObligationMoved:
    return ObligationMoved(
        event_seq=event_seq, timestamp_ns=at(event_seq), member=member, account=account,
        to_member=to_member, to_account=to_account, symbol="ACME", due=due, quantity=quantity,
        asset="ACME", amount=amount, currency="USD", operator="ops", reason="default",
    )  # fmt: skip


def transferred(
    event_seq: int,
    member: str = "ALPHA",
    to_member: str = "BRAVO",
    asset: str = "USD",
    amount: str = "5",
    *,
    account: str = "",
    to_account: str = "",
) -> FundsTransferred:
    return FundsTransferred(
        event_seq=event_seq, timestamp_ns=at(event_seq), member=member, to_member=to_member,
        asset=asset, amount=amount, operator="ops", reason="moves", account=account,
        to_account=to_account, reference=f"r{event_seq}",
    )  # fmt: skip


def reversed_funds(
    event_seq: int,
    member: str,
    amount: str,
    *,
    asset: str = "USD",
    account: str = "",
    to_member: str = "",
    to_account: str = "",
) -> FundsReversed:
    return FundsReversed(
        event_seq=event_seq, timestamp_ns=at(event_seq), member=member, asset=asset, amount=amount,
        of_reference="r", of_event_seq=1, operator="ops", reason="mistake", account=account,
        to_member=to_member, to_account=to_account, reference=f"r{event_seq}",
    )  # fmt: skip


def split(event_seq: int) -> StockSplit:
    return StockSplit(
        event_seq=event_seq, timestamp_ns=at(event_seq), action_id="SPLIT1", asset="ACME",
        numerator=2, denominator=1, symbols=("ACME",), operator="ops", reason="split",
    )  # fmt: skip


def holding_adjusted(
    event_seq: int, member: str, amount: str, asset: str = "ACME", account: str = ""
) -> HoldingAdjusted:
    return HoldingAdjusted(
        event_seq=event_seq, timestamp_ns=at(event_seq), action_id="SPLIT1", member=member,
        account=account, asset=asset, amount=amount, why="SPLIT",
    )  # fmt: skip


def obligation_adjusted(
    event_seq: int,
    member: str,
    quantity: str,
    amount: str,
    change_quantity: str,
    change_amount: str = "0",
    *,
    account: str = "",
    due: str = DUE,
) -> ObligationAdjusted:
    return ObligationAdjusted(
        event_seq=event_seq, timestamp_ns=at(event_seq), action_id="SPLIT1", member=member,
        account=account, symbol="ACME", due=due, quantity=quantity, asset="ACME", amount=amount,
        currency="USD", change_quantity=change_quantity, change_amount=change_amount,
    )  # fmt: skip
