"""Withdrawals that users ask for. The gateway pays none: an operator does, by `venue user pay`.

Knows the store. So there is no way around an operator, and none around four eyes: what pays is the
same Withdraw command as of `venue withdraw`, with the operator's name and this request's reference.
"""

import sqlite3
from enum import StrEnum

import msgspec

from venue.gateway.store import Store
from venue.gateway.users import User

MOST_WAITING = 100
"""Requests of a member that may wait for a decision."""


class Wish(StrEnum):
    """REQUESTED: waits for an operator. HELD: he has, and a second one has to. PAID; REFUSED by an
    operator; TAKEN_BACK by the user. The last three are for good."""

    REQUESTED = "requested"
    HELD = "held"
    PAID = "paid"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


class Withdrawal(msgspec.Struct, frozen=True):
    """A request. id: counts all of them. reference: the payment's, used once for ever. detail: why
    it was refused, or under which id it is held. Times are UTC nanoseconds; null: not decided."""

    id: int
    user: str
    member: str
    account: str
    asset: str
    amount: str
    client_reference: str
    reference: str
    state: Wish
    detail: str
    created_ns: int
    decided_ns: int | None


class WithdrawalRefused(ValueError):
    """It cannot be asked for or decided so; text says why."""


class Withdrawals:
    """The requests of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(
        self, user: User, account: str, asset: str, amount: str, client_reference: str, now_ns: int
    ) -> Withdrawal:
        """Ask for a withdrawal; the same client_reference of a member again is the first request.

        Raises WithdrawalRefused.
        """
        with self._store.changing() as connection:
            first = connection.execute(
                "SELECT * FROM withdrawals WHERE member = ? AND client_reference = ?",
                (user.member, client_reference),
            ).fetchone()
            if first is not None:
                same = (first["account"], first["asset"], first["amount"])
                if same != (account, asset, amount):
                    raise WithdrawalRefused(f"{client_reference} is the reference of another one")
                return _told(first)
            (waiting,) = connection.execute(
                "SELECT count(*) FROM withdrawals WHERE member = ? AND state IN (?, ?)",
                (user.member, Wish.REQUESTED, Wish.HELD),
            ).fetchone()
            if waiting >= MOST_WAITING:
                raise WithdrawalRefused(f"{MOST_WAITING} of {user.member} wait already")
            row = connection.execute(
                "INSERT INTO withdrawals (user, member, account, asset, amount, client_reference, "
                "state, detail, created_ns) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?) RETURNING *",
                (user.name, user.member, account, asset, amount, client_reference,
                 Wish.REQUESTED, now_ns),
            ).fetchone()  # fmt: skip
            return _told(row)

    def of(self, member: str, before: int, most: int) -> list[Withdrawal]:
        """A member's requests, the newest first. before: below this id; 0: from the last."""
        rows = self._store.rows(
            "SELECT * FROM withdrawals WHERE member = ? AND (? = 0 OR number < ?) "
            "ORDER BY number DESC LIMIT ?",
            (member, before, before, most),
        )
        return [_told(row) for row in rows]

    def waiting(self) -> list[Withdrawal]:
        """All that wait for a decision, the oldest first."""
        rows = self._store.rows(
            "SELECT * FROM withdrawals WHERE state IN (?, ?) ORDER BY number",
            (Wish.REQUESTED, Wish.HELD),
        )
        return [_told(row) for row in rows]

    def get(self, number: int) -> Withdrawal:
        """A request. Raises WithdrawalRefused where there is none."""
        row = self._store.row("SELECT * FROM withdrawals WHERE number = ?", (number,))
        if row is None:
            raise WithdrawalRefused(f"there is no request {number}")
        return _told(row)

    def decide(
        self, number: int, before: tuple[Wish, ...], wish: Wish, detail: str, now_ns: int
    ) -> Withdrawal:
        """Bring a request into another state, out of one of these. Raises WithdrawalRefused."""
        marks = ", ".join("?" * len(before))
        with self._store.changing() as connection:
            row = connection.execute(
                f"UPDATE withdrawals SET state = ?, detail = ?, decided_ns = ? "
                f"WHERE number = ? AND state IN ({marks}) RETURNING *",
                (wish, detail, now_ns, number, *before),
            ).fetchone()
        if row is None:
            raise WithdrawalRefused(f"request {number} is {self.get(number).state}")
        return _told(row)


def reference_of(number: int) -> str:
    """The reference under which the venue books it: once, however often it is paid."""
    return f"gateway withdrawal {number}"


def _told(row: sqlite3.Row) -> Withdrawal:
    return Withdrawal(
        row["number"],
        row["user"],
        row["member"],
        row["account"],
        row["asset"],
        row["amount"],
        row["client_reference"],
        reference_of(row["number"]),
        Wish(row["state"]),
        row["detail"],
        row["created_ns"],
        row["decided_ns"],
    )
