"""A member's balances with the last of its wallet events, all as of one moment of the ledger.

Read-only. May know the schema. The number tells which events the balances include.
"""

from typing import NamedTuple

from sqlalchemy import Engine, select

from venue.clearing.balances import ledger_snapshot
from venue.clearing.postings.entry import OF_MEMBERS
from venue.clearing.schema import accounts, balances, entries, postings, wallets
from venue.clearing.statements import exact_text
from venue.clearing.wallet.event import (
    PURPOSES,
    Purpose,
    WalletEvent,
    WalletLine,
    wallet_event,
)


class WalletBalance(NamedTuple):
    """What an account of the member has of an asset, settled or still to be settled; exact text."""

    account: str
    asset: str
    purpose: Purpose
    balance: str


class WalletRead(NamedTuple):
    """number: wallet_number of the last event; 0: there is none. events: the oldest first."""

    number: int
    balances: list[WalletBalance]
    events: list[WalletEvent]


def read_wallet(engine: Engine, member: str, most: int) -> WalletRead:
    """Balances of a member, and at most so many of its last events. Raises SQLAlchemyError."""
    own = (accounts.c.owner == member, accounts.c.kind.in_(sorted(OF_MEMBERS)))
    numbered = select(wallets.c.wallet_number).where(wallets.c.member == member)
    held = (
        select(accounts.c.sub_account, accounts.c.asset, accounts.c.kind, balances.c.balance)
        .join_from(balances, accounts)
        .where(*own)
    )
    last = (
        select(
            postings.c.event_seq,
            postings.c.line,
            postings.c.amount,
            postings.c.balance_after,
            postings.c.value_date,
            postings.c.wallet_number,
            accounts.c.kind,
            accounts.c.owner,
            accounts.c.sub_account,
            accounts.c.asset,
            entries.c.timestamp_ns,
            entries.c.kind.label("entry_kind"),
        )
        .join(accounts, accounts.c.account_id == postings.c.account_id)
        .join(entries, entries.c.event_seq == postings.c.event_seq)
        .where(*own, postings.c.wallet_number.is_not(None))
        .order_by(postings.c.event_seq.desc(), postings.c.line.desc())
        .limit(most)
    )
    with ledger_snapshot(engine) as connection:
        number = connection.execute(numbered).scalar_one_or_none() or 0
        rows = connection.execute(held).all()
        lines = connection.execute(last).all()
    return WalletRead(
        number,
        [
            WalletBalance(row.sub_account, row.asset, PURPOSES[row.kind], exact_text(row.balance))
            for row in rows
        ],
        [wallet_event(WalletLine(*line)) for line in reversed(lines)],
    )
