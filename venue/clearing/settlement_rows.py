"""Rows of the tables `obligations`, `cycles` and `fails`: kept as events say.

May know the schema and SQL; writes in the transaction that it is given. Must never keep an
obligation that is not as the event says.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import psycopg
from sqlalchemy import Connection, bindparam, insert, text, update

from venue.clearing.copying import Row, copy_rows
from venue.clearing.obligations import Obligation, ObligationKey, Obligations, keys_of
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT, EventNotPostable
from venue.clearing.schema import cycles
from venue.domain.events import AnyEvent, ObligationFailed, SettlementBegun, SettlementEnded

FAIL_COLUMNS = (
    "event_seq", "cycle", "member", "account", "symbol", "due", "quantity", "asset", "amount",
    "currency", "cycles", "cause", "short_of", "penalty",
)  # fmt: skip
_COPY_FAILS = f"COPY clearing.fails ({', '.join(FAIL_COLUMNS)}) FROM STDIN"
_FIND = text(
    "SELECT o.* FROM unnest(CAST(:members AS text[]), CAST(:accounts AS text[]), "
    "CAST(:symbols AS text[]), CAST(:dues AS date[])) AS wanted (member, account, symbol, due) "
    "JOIN clearing.obligations o USING (member, account, symbol, due)"
)
_KEEP = text(
    "INSERT INTO clearing.obligations AS o (member, account, symbol, due, asset, currency, "
    "quantity, amount, cycles, changed_seq) "
    "SELECT * FROM unnest(CAST(:members AS text[]), CAST(:accounts AS text[]), "
    "CAST(:symbols AS text[]), CAST(:dues AS date[]), CAST(:assets AS text[]), "
    "CAST(:currencies AS text[]), CAST(:quantities AS numeric[]), CAST(:amounts AS numeric[]), "
    "CAST(:cycles AS int[]), CAST(:seqs AS bigint[])) "
    "ON CONFLICT (member, account, symbol, due) DO UPDATE SET quantity = excluded.quantity, "
    "amount = excluded.amount, cycles = excluded.cycles, changed_seq = excluded.changed_seq"
)
_END = (
    update(cycles)
    .where(cycles.c.cycle == bindparam("of_cycle"), cycles.c.ended_ns.is_(None))
    .values(
        settled=bindparam("to_settled"),
        partly=bindparam("to_partly"),
        failed=bindparam("to_failed"),
        ended_ns=bindparam("at_ns"),
    )
)


def keep_settlement(
    connection: Connection,
    cursor: "psycopg.Cursor[Any]",
    obligations: Obligations,
    events: Sequence[AnyEvent],
) -> None:
    """Keep obligations, cycles and fails as the events say.

    obligations: those held in memory; what is missing is read. Raises EventNotPostable,
    SQLAlchemyError, psycopg.Error.
    """
    _load(connection, obligations, events)
    for event in events:
        obligations.apply(event)
        if isinstance(event, SettlementBegun):
            connection.execute(insert(cycles), cycle_row(event))
        elif isinstance(event, SettlementEnded):
            _end(connection, event)
    _keep(connection, obligations.take_changed())
    fails = [fail_row(event) for event in events if isinstance(event, ObligationFailed)]
    if fails:
        copy_rows(cursor, _COPY_FAILS, fails)


def obligation_of(row: Any) -> tuple[ObligationKey, Obligation]:
    """The obligation that a row of the table is."""
    key = ObligationKey(row.member, row.account, row.symbol, row.due.isoformat())
    return key, Obligation(
        row.asset, row.currency, row.quantity, row.amount, row.cycles, row.changed_seq
    )


def cycle_row(event: SettlementBegun) -> dict[str, Any]:
    """The row of a cycle that has begun. Raises EventNotPostable."""
    try:
        on = date.fromisoformat(event.settlement_date)
    except ValueError as error:
        raise EventNotPostable(f"event {event.event_seq}: {error}") from error
    return {
        "cycle": event.cycle,
        "event_seq": event.event_seq,
        "settlement_date": on,
        "obligations": event.obligations,
        "begun_ns": event.timestamp_ns,
    }


def ended_row(event: SettlementEnded) -> dict[str, int]:
    """What the row of a cycle has once it is done."""
    return {
        "settled": event.settled,
        "partly": event.partly,
        "failed": event.failed,
        "ended_ns": event.timestamp_ns,
    }


def fail_row(event: ObligationFailed) -> Row:
    """The row of a fail, a value for each of FAIL_COLUMNS."""
    return (
        event.event_seq, event.cycle, event.member, event.account or DEFAULT_SUB_ACCOUNT,
        event.symbol, event.due, event.quantity, event.asset, event.amount, event.currency,
        event.cycles, event.cause, event.short_of, event.penalty,
    )  # fmt: skip


def _load(connection: Connection, obligations: Obligations, events: Iterable[AnyEvent]) -> None:
    wanted = {key for event in events for key in keys_of(event) if key not in obligations}
    if not wanted:
        return
    names = dict(zip(("members", "accounts", "symbols", "dues"), _columns(wanted), strict=True))
    for row in connection.execute(_FIND, names):
        obligations.load(*obligation_of(row))


def _columns(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _keep(connection: Connection, changed: dict[ObligationKey, Obligation]) -> None:
    if not changed:
        return
    members, accounts, symbols, dues = _columns(changed)
    held = list(changed.values())
    connection.execute(
        _KEEP,
        {
            "members": members,
            "accounts": accounts,
            "symbols": symbols,
            "dues": dues,
            "assets": [each.asset for each in held],
            "currencies": [each.currency for each in held],
            "quantities": [each.quantity for each in held],
            "amounts": [each.amount for each in held],
            "cycles": [each.cycles for each in held],
            "seqs": [each.changed_seq for each in held],
        },
    )


def _end(connection: Connection, event: SettlementEnded) -> None:
    row = ended_row(event)
    values = {
        "of_cycle": event.cycle,
        "to_settled": row["settled"],
        "to_partly": row["partly"],
        "to_failed": row["failed"],
        "at_ns": row["ended_ns"],
    }
    if connection.execute(_END, values).rowcount != 1:
        raise EventNotPostable(f"event {event.event_seq}: cycle {event.cycle} is not running")
