"""Every balance of a member follows from his own stream of drop copies, and from nothing else."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from tests.marketdata.random_venue import SESSIONS, RandomVenue
from venue.bus.subjects import funds_subject, meets
from venue.clearing.postings import AccountKind, entries_of
from venue.domain import commands as c
from venue.domain.events import (
    AnyEvent,
    FundsDeposited,
    FundsRepeated,
    FundsReversed,
    FundsTransferred,
    FundsWithdrawn,
)
from venue.domain.types import ExecType
from venue.dropcopy.copies import AnyCopy, copies_of, decode_copy, subject_of
from venue.dropcopy.drop_copy import DropCopy
from venue.dropcopy.funds_copy import FundsCopy

from .copies import all_expected, copying, told
from .list_journal import ListJournal

MEMBERS = sorted(set(SESSIONS.values()))
ACCOUNTS = ("", "A1", "A2")
Balances = dict[tuple[str, str], Decimal]
"""By account and asset; the account of orders that name none is empty."""


@cache
def flow(seed: int = 11, rounds: int = 60) -> tuple[AnyEvent, ...]:
    """Random trading with busts and corrections, and funds that come and go in between."""
    venue, chance = RandomVenue(seed), random.Random(seed)
    events: list[AnyEvent] = []
    commands = venue.run(rounds * 20)
    for number, made in enumerate(commands):
        events += made
        if number % 20 == 19:
            member, asset = chance.choice(MEMBERS), chance.choice(["USD", "BTC", "ACME"])
            account, amount = chance.choice(ACCOUNTS), f"{chance.randint(1, 9)}.5"
            for command in (c.Deposit, c.Withdraw):
                asked = command(
                    member, asset, amount, "ops", "test", account, f"{command.__name__} {number}"
                )
                events += venue.apply(asked)
                if chance.random() < 0.3:
                    events += venue.apply(asked)  # it comes again, and books nothing
            to, to_account = chance.choice(MEMBERS), chance.choice(ACCOUNTS)
            moved = f"TransferFunds {number}"
            events += venue.apply(
                c.TransferFunds(member, to, asset, "1.5", "ops", "test", account, to_account, moved)
            )
            if chance.random() < 0.5:
                events += venue.apply(c.ReverseFunds(moved, "ops", "test", f"back {number}"))
    return tuple(events)


def in_ledger(events: Iterable[AnyEvent], member: str) -> Balances:
    """What the ledger books of these events for the member."""
    sums: Balances = defaultdict(Decimal)
    for event in events:
        for entry in entries_of(event):
            for account, amount in entry.postings:
                if (account.kind, account.owner) == (AccountKind.MEMBER, member):
                    name = "" if account.sub_account == "default" else account.sub_account
                    sums[name, account.asset] += amount
    return {key: total for key, total in sums.items() if total}


def rebuilt(copies: Iterable[AnyCopy]) -> Balances:
    """The same from the member's copies alone, as docs/DROP_COPY.md has it."""
    sums: Balances = defaultdict(Decimal)
    standing: dict[str, DropCopy] = {}

    def book(copy: DropCopy, sign: int) -> None:
        assert copy.asset and copy.currency and copy.amount and copy.last_qty
        bought = sign if copy.side == "1" else -sign
        account = copy.account or ""
        sums[account, copy.asset] += bought * Decimal(copy.last_qty)
        sums[account, copy.currency] -= bought * Decimal(copy.amount)
        sums[account, copy.currency] -= sign * Decimal(copy.fee or "0")

    for copy in copies:
        if isinstance(copy, FundsCopy):
            sign = -1 if copy.type == "FundsWithdrawn" else 1
            sums[copy.account or "", copy.asset] += sign * Decimal(copy.amount)
        elif copy.exec_type is ExecType.TRADE:
            standing[copy.exec_id] = copy
            book(copy, 1)
        elif copy.exec_ref_id is not None:
            book(standing.pop(copy.exec_ref_id), -1)
            if copy.exec_type is ExecType.TRADE_CORRECT:
                standing[copy.exec_id] = copy
                book(copy, 1)
    return {key: total for key, total in sums.items() if total}


def test_every_balance_follows_from_the_copies_of_the_member() -> None:
    events = flow()
    kinds = {type(event) for event in events}
    assert kinds >= {FundsDeposited, FundsWithdrawn, FundsRepeated}
    assert kinds >= {FundsTransferred, FundsReversed}
    for member in MEMBERS:
        copies = [decode_copy(msgspec.json.encode(copy)) for copy in all_expected(events, member)]
        assert [copy.member_seq for copy in copies] == [*range(1, len(copies) + 1)]
        wanted = in_ledger(events, member)
        assert {asset for _, asset in wanted} >= {"USD", "BTC", "ACME"}
        assert rebuilt(copies) == wanted


def test_the_stream_on_nats_has_them_under_a_subject_of_their_own(bus: str, data_dir: Path) -> None:
    events = flow()

    async def scenario() -> None:
        async with copying(bus, data_dir, ListJournal(events)) as copied:
            await copied(len(events))
        for member in MEMBERS:
            assert rebuilt(await told(bus, member)) == in_ledger(events, member)

    asyncio.run(scenario())


def test_movement_says_nothing_of_who_operated_the_venue() -> None:
    (event,) = [event for event in flow() if isinstance(event, FundsDeposited)][:1]
    (copy,) = copies_of(msgspec.structs.replace(event, operator="OPERATOR", reason="INSIDE"))
    assert b"OPERATOR" not in msgspec.json.encode(copy)
    assert b"INSIDE" not in msgspec.json.encode(copy)
    assert subject_of(copy) == funds_subject(event.member) == f"drop.{event.member}._funds"
    assert meets(subject_of(copy), f"drop.{event.member}.>")
