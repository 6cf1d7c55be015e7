"""The answer to a RequestForPositions(AN): AO, then an AP for each position of one account.

Positions are the ledger's, behind every copy that the journal had when they were asked for. What is
not the session's to see is refused without a word of what there is.
"""

import time
from datetime import UTC, datetime

from venue.clearing.portfolio.report import balance_rows, position_rows
from venue.clearing.postings import DEFAULT_SUB_ACCOUNT
from venue.domain.decimal_text import format_money
from venue.fixdc.answers import IDLE, Answer, Part
from venue.fixdc.held import HeldNow, HeldUnknown, HeldWanted, LedgerPositions
from venue.fixdc.position_reports import (
    INVALID,
    NONE_FOUND,
    NOT_AUTHORIZED,
    NOT_SUPPORTED,
    OTHER,
    VALID,
    Reported,
    Result,
    position_report,
    positions_ack,
)
from venue.fixdc.requests import PositionsWanted
from venue.fixdc.sources import Sources

_DAY_NS = 86_400 * 1_000_000_000


def positions(
    wanted: PositionsWanted, through: int, sources: Sources, held: LedgerPositions | None
) -> Answer:
    """The positions of one account, as of event `through`, or of the end of an earlier date."""
    party = _party(wanted, sources)
    refused = _refusal(wanted, party, sources)
    if refused is None and held is None:
        refused = Result(OTHER, "POSITIONS_UNKNOWN there is no ledger here")
    if refused is not None or held is None or party is None:
        assert refused is not None
        yield _acknowledged(wanted, party, refused)
        return
    future = held.ask(_wanted_of(wanted, party, through))
    try:
        while not future.done():
            yield IDLE
        found = future.result()
    except HeldUnknown as error:
        yield _acknowledged(wanted, party, Result(OTHER, f"POSITIONS_UNKNOWN {error}"))
        return
    finally:
        future.cancel()
    yield from _told(wanted, party, found)


def _told(wanted: PositionsWanted, party: str, found: HeldNow) -> Answer:
    holdings = found.holdings
    rows = [
        row
        for row in position_rows(holdings, wanted.account)
        if wanted.symbol in ("", row.symbol) and wanted.currency in ("", row.currency)
    ]
    event_seq = holdings.event_seq
    if not rows:
        text = f"NO_POSITION account {wanted.account} has none of these at event {event_seq}"
        yield _acknowledged(wanted, party, Result(NONE_FOUND, text, event_seq))
        return
    result = Result(VALID, f"as of event {event_seq}", event_seq)
    yield _acknowledged(wanted, party, result, len(rows))
    balances = {row.asset: row for row in balance_rows(holdings, None, wanted.account)}
    for place, row in enumerate(rows, start=1):
        prior = found.prior.get(row.symbol)
        price = None if prior is None else format_money(prior.price)
        balance = balances.get(row.asset)
        told = Reported(row, event_seq, place, len(rows), price, balance)
        yield Part(position_report(wanted, party, told), wanted.request.route)


def _party(wanted: PositionsWanted, sources: Sources) -> str | None:
    """The member that is asked for; the session's only one need not be named."""
    if wanted.party is None and len(sources.members) == 1:
        return next(iter(sources.members))
    return wanted.party


def _refusal(wanted: PositionsWanted, party: str | None, sources: Sources) -> Result | None:
    if wanted.request_type != "0":
        text = f"POSITION_REQUEST_UNSUPPORTED 724={wanted.request_type} is not offered"
        return Result(NOT_SUPPORTED, text)
    if wanted.subscription != "0":
        text = f"SUBSCRIPTION_UNSUPPORTED 263={wanted.subscription} is not offered for positions"
        return Result(NOT_SUPPORTED, text)
    if party is None:
        return Result(INVALID, "PARTY_MISSING 448 has to name one of the session's members")
    account = "" if wanted.account == DEFAULT_SUB_ACCOUNT else wanted.account
    if not sources.may_ask_of(party, account):
        text = f"NOT_AUTHORIZED account {wanted.account} of {party} is not this session's to see"
        return Result(NOT_AUTHORIZED, text)
    return None


def _wanted_of(wanted: PositionsWanted, party: str, through: int) -> HeldWanted:
    begin_ns = _begin_ns(wanted.date)
    now_ns = time.time_ns()
    today_ns = now_ns - now_ns % _DAY_NS
    is_past = begin_ns < today_ns
    at_ns = begin_ns + _DAY_NS - 1 if is_past else None
    return HeldWanted(party, through, at_ns, min(begin_ns, today_ns) - 1)


def _begin_ns(date: str) -> int:
    begin = datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC)
    return int(begin.timestamp()) * 1_000_000_000


def _acknowledged(
    wanted: PositionsWanted, party: str | None, result: Result, count: int = 0
) -> Part:
    return Part(positions_ack(wanted, party or "", result, count), wanted.request.route)


__all__ = ["positions"]
