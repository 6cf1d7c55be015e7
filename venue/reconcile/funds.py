"""The running engine's funds and reservations, three ways: its own answer, the journal executed
again, and the ledger at the same event.

May know the admin socket, the replay and the ledger. What was executed again also has to agree with
itself: what a purse has reserved is what its open orders reserve.
"""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select, true
from sqlalchemy.exc import SQLAlchemyError

from venue.admin.client import VenueUnreachable, ask
from venue.admin.funds_answers import FundsAnswer
from venue.admin.requests import FundsQuery
from venue.clearing.balances import NotBookedYet, as_of, last_lines, ledger_snapshot
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EXACT, AccountKind
from venue.clearing.schema import accounts
from venue.domain.decimal_text import format_money
from venue.engine.state.engine_state import EngineState
from venue.reconcile.difference import Away, Compared, Found, Store
from venue.replay.replay import Replay

ANSWER_SECONDS = 10.0
ZERO = Decimal(0)


class PurseKey(NamedTuple):
    """Whose purse. account: empty for orders that name none."""

    member: str
    account: str
    asset: str

    def __str__(self) -> str:
        account = f"/{self.account}" if self.account else ""
        return f"{self.member}{account} {self.asset}"


def ask_funds(data_dir: Path) -> FundsAnswer:
    """What the running engine says. Raises Away."""
    try:
        answer = ask(data_dir, FundsQuery(), ANSWER_SECONDS)
    except VenueUnreachable as error:
        raise Away(str(error)) from error
    if not isinstance(answer, FundsAnswer):
        raise Away(answer.error)
    return answer


def compare_funds(answer: FundsAnswer, replayed: Replay, ledger: Engine) -> Compared:
    """Compare the answer with the journal executed again up to its record, and with the ledger.

    Raises Away where the ledger cannot be read.
    """
    state = replayed.engine.state
    found = Found(Store.FUNDS)
    _compare_engine(answer, state, found)
    _compare_reservations(state, found)
    booked = _compare_ledger(answer, ledger, found)
    beside = f"and the ledger at event {answer.event_seq}" if booked else "the ledger is behind"
    return found.compared(f"{len(answer.funds)} purses at event {answer.event_seq}, {beside}")


def _compare_engine(answer: FundsAnswer, state: EngineState, found: Found) -> None:
    """The running engine's purses, and those of the journal executed again."""
    live = {PurseKey(row.member, row.account, row.asset): row for row in answer.funds}
    for member in state.members.values():
        for purse in member.purses.all():
            key = PurseKey(member.name, purse.account, purse.asset)
            row = live.pop(key, None)
            if row is None:
                if purse.balance or purse.reserved:
                    found.note(str(key), "row", format_money(purse.balance), None)
                continue
            said = {
                "balance": purse.balance,
                "reserved": purse.reserved,
                "pending": purse.pending,
            }
            for name, amount in said.items():
                if getattr(row, name) != format_money(amount):
                    found.note(str(key), name, format_money(amount), getattr(row, name))
    for key, row in live.items():
        if (row.balance, row.reserved) != ("0", "0"):
            found.note(str(key), "row", None, row.balance)


def _compare_reservations(state: EngineState, found: Found) -> None:
    """What each purse has reserved is what the open orders that it pays for reserve."""
    reserved: defaultdict[int, int] = defaultdict(int)
    for order in state.open_orders():
        if order.reserved is not None:
            reserved[id(order.pays_with)] += order.reserved
    for member in state.members.values():
        for purse in member.purses.all():
            of_orders = reserved[id(purse)]
            if purse.reserved != of_orders:
                key = PurseKey(member.name, purse.account, purse.asset)
                expected = format_money(of_orders)
                found.note(str(key), "reserved by orders", expected, format_money(purse.reserved))


def _compare_ledger(answer: FundsAnswer, ledger: Engine, found: Found) -> bool:
    """The ledger as of the answer's event. False: it is not that far yet."""
    try:
        held = held_as_of(ledger, answer.event_seq)
    except NotBookedYet:
        return False
    except SQLAlchemyError as error:
        raise Away(str(error).strip().splitlines()[0]) from error
    for row in answer.funds:
        key = PurseKey(row.member, row.account, row.asset)
        settled, unsettled = held.pop(key, (ZERO, ZERO))
        total = EXACT.add(settled, unsettled)
        for what, there, expected in (
            ("balance in the ledger", total, row.balance),
            ("unsettled in the ledger", unsettled, row.pending),
        ):
            if there != Decimal(expected):
                found.note(str(key), what, expected, f"{there:f}")
    for key, (settled, unsettled) in held.items():
        if settled or unsettled:
            found.note(str(key), "balance in the ledger", None, f"{settled + unsettled:f}")
    return True


def held_as_of(ledger: Engine, event_seq: int) -> dict[PurseKey, tuple[Decimal, Decimal]]:
    """Settled and unsettled of all members' accounts behind an event; an indexed read for each.

    Raises NotBookedYet, SQLAlchemyError.
    """
    line = last_lines(event_seq)
    names = accounts.c.kind, accounts.c.owner, accounts.c.sub_account, accounts.c.asset
    query = (
        select(*names, line.c.balance_after)
        .join_from(accounts, line, true())
        .where(accounts.c.kind.in_((AccountKind.MEMBER, AccountKind.UNSETTLED)))
    )
    held: dict[PurseKey, tuple[Decimal, Decimal]] = {}
    with ledger_snapshot(ledger) as connection:
        as_of(connection, event_seq)
        for row in connection.execute(query):
            key = PurseKey(row.owner, _account(row.sub_account), row.asset)
            settled, unsettled = held.get(key, (ZERO, ZERO))
            if row.kind == AccountKind.MEMBER:
                held[key] = row.balance_after, unsettled
            else:
                held[key] = settled, row.balance_after
    return held


def _account(sub_account: str) -> str:
    return "" if sub_account == DEFAULT_SUB_ACCOUNT else sub_account
