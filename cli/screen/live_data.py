"""What the live screen shows, read from the running venue: sessions, books, ledger.

Knows the admin socket and the ledger; whatever does not answer is told as such, never raised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from venue.admin.answers import BookAnswer, Refusal
from venue.admin.client import VenueUnreachable, ask
from venue.admin.requests import BookQuery, StatusQuery
from venue.clearing.database import ledger_engine
from venue.clearing.statements import TrialBalance, member_balances, trial_balance
from venue.data_directory import DataDirectory
from venue.domain.overview import LadderLevel
from venue.journal.durable import shown_position

_CALL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Book:
    """Best levels of both sides, best first."""

    symbol: str
    bids: Sequence[LadderLevel]
    asks: Sequence[LadderLevel]


@dataclass(frozen=True, slots=True)
class Trading:
    """What the trading process says of itself."""

    phase: str
    trading_day: str
    event_seq: int
    open_orders: dict[str, int]
    logged_on: frozenset[str]
    books: Sequence[Book]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger, `lag` events behind; changes since the first look, by member and asset.

    lag None: not known, or the ledger is beyond the journal.
    """

    lag: int | None
    trades: int
    is_balanced: bool
    changes: dict[str, dict[str, Decimal]] = field(default_factory=dict)


class LiveData:
    """Reads what the screen shows; used by one thread."""

    def __init__(
        self, data_dir: Path, database_url: str, symbols: Sequence[str], members: Sequence[str]
    ) -> None:
        self._data_dir = data_dir
        self._symbols = symbols
        self._members = members
        self._engine = ledger_engine(database_url)
        self._first: dict[str, dict[str, Decimal]] = {}

    def trading(self, depth: int) -> Trading | None:
        """State of trading with `depth` levels of each book; None when it does not answer."""
        try:
            status = ask(self._data_dir, StatusQuery(), _CALL_SECONDS)
            books = [
                ask(self._data_dir, BookQuery(symbol, depth), _CALL_SECONDS)
                for symbol in self._symbols
            ]
        except VenueUnreachable:
            return None
        if isinstance(status, Refusal):
            return None
        return Trading(
            phase=status.phase,
            trading_day=status.trading_day,
            event_seq=status.event_seq,
            open_orders={row.session: row.open_orders for row in status.sessions},
            logged_on=frozenset(row.session for row in status.sessions if row.logged_on),
            books=[
                Book(book.symbol, book.bids, book.asks)
                for book in books
                if isinstance(book, BookAnswer)
            ],
        )

    def ledger(self) -> Ledger | None:
        """State of the ledger; None when the database does not answer or is empty yet."""
        try:
            balance = trial_balance(self._engine)
            held = {member: self._held(member) for member in self._members}
        except SQLAlchemyError:
            return None
        durable = shown_position(DataDirectory(self._data_dir).journal)
        lag = -1 if durable is None else durable.event_seq - balance["position"]
        return Ledger(
            lag=lag if lag >= 0 else None,
            trades=balance["trades"],
            is_balanced=_is_balanced(balance),
            changes={
                member: {
                    asset: amount - self._first.setdefault(member, {}).setdefault(asset, amount)
                    for asset, amount in assets.items()
                }
                for member, assets in held.items()
            },
        )

    def close(self) -> None:
        """Give the connection to the database back."""
        self._engine.dispose()

    def _held(self, member: str) -> dict[str, Decimal]:
        """What a member has of each asset, over all its accounts."""
        totals: dict[str, Decimal] = {}
        for each in member_balances(self._engine, member):
            totals[each.asset] = totals.get(each.asset, Decimal()) + each.amount
        return totals


def _is_balanced(balance: TrialBalance) -> bool:
    return all(totals["sum"] == 0 for totals in balance["assets"].values())
