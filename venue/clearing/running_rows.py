"""Reads where accounts, members and counts stand before a batch, and makes accounts that are new.

May know the schema and SQL; works in the transaction that it is given.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from venue.clearing.postings import Entry, LedgerAccount
from venue.clearing.running import Counts, Running, Standing, account_of
from venue.clearing.schema import accounts, entries

# One statement has at most 65,535 parameters: arrays have no such bound.
_WANTED = (
    "unnest(CAST(:kind AS text[]), CAST(:owner AS text[]), CAST(:sub_account AS text[]), "
    "CAST(:asset AS text[])) AS wanted (kind, owner, sub_account, asset)"
)
_FIND = text(
    "SELECT a.account_id, a.kind, a.owner, a.sub_account, a.asset, "
    "coalesce(b.balance, 0) AS balance, coalesce(b.version, 0) AS version "
    f"FROM {_WANTED} JOIN clearing.accounts a USING (kind, owner, sub_account, asset) "
    "LEFT JOIN clearing.balances b USING (account_id)"
)
_FIND_WALLETS = text(
    "SELECT member, wallet_number FROM clearing.wallets "
    "WHERE member = ANY(CAST(:members AS text[]))"
)
_COUNTED = select(entries.c.trades, entries.c.busted).order_by(entries.c.event_seq.desc()).limit(1)
_ACCOUNTS_AT_ONCE = 5_000


def load_running(connection: Connection, running: Running, booked: Iterable[Entry]) -> None:
    """Have all accounts and members of the entries stand in `running`; make those that are new."""
    touched = dict.fromkeys(account for entry in booked for account, _ in entry.postings)
    missing = [account for account in touched if account not in running.accounts]
    if not missing:
        return
    known = {*running.wallets}
    for row in connection.execute(_FIND, _columns(missing)):
        account = account_of(row.kind, row.owner, row.sub_account, row.asset)
        running.stand(account, Standing(account, row.account_id, row.balance, row.version))
    new = [account for account in missing if account not in running.accounts]
    for start in range(0, len(new), _ACCOUNTS_AT_ONCE):
        values = [account._asdict() for account in new[start : start + _ACCOUNTS_AT_ONCE]]
        for row in connection.execute(insert(accounts).values(values).returning(accounts)):
            account = account_of(row.kind, row.owner, row.sub_account, row.asset)
            running.stand(account, Standing(account, row.account_id))
    members = running.wallets.keys() - known
    if members:
        for row in connection.execute(_FIND_WALLETS, {"members": sorted(members)}):
            running.wallets[row.member] = row.wallet_number


def load_counts(connection: Connection) -> Counts:
    """What the last entry says of how many trades there were."""
    row = connection.execute(_COUNTED).one_or_none()
    return Counts() if row is None else Counts(row.trades, row.busted)


def _columns(missing: Sequence[LedgerAccount]) -> dict[str, list[str]]:
    return {
        name: [str(getattr(account, name)) for account in missing] for name in LedgerAccount._fields
    }
