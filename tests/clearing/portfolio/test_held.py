"""Positions for FIX: read in a thread from a real ledger, waited for, refused in words."""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from sqlalchemy import Engine

from venue.clearing.portfolio.lots import Method
from venue.clearing.repository import LedgerRepository
from venue.fixdc import held as held_module
from venue.fixdc.held import HeldNow, HeldUnknown, HeldWanted, LedgerPositions
from venue.servers import ServerError

from ..trades import book, delivered, deposited, traded

PATIENCE_SECONDS = 30
BASE_NS = 1_700_000_000_000_000_000


@pytest.fixture
def repository(engine: Engine) -> LedgerRepository:
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered([deposited(1), traded(2, price="2")]))
    return repository


@pytest.fixture
def positions(database_url: str) -> Iterator[LedgerPositions]:
    positions = LedgerPositions(lambda: database_url, lambda: Method.FIFO)
    yield positions
    positions.close()


def wanted(through: int, at_ns: int | None = None, before_ns: int = 0) -> HeldWanted:
    return HeldWanted("ALPHA", through, at_ns, before_ns)


def asked(positions: LedgerPositions, question: HeldWanted) -> HeldNow:
    return positions.ask(question).result(PATIENCE_SECONDS)


def test_positions_are_read_as_of_the_event(
    positions: LedgerPositions, repository: LedgerRepository
) -> None:
    found = asked(positions, wanted(2, before_ns=BASE_NS + 2))
    assert found.holdings.event_seq == 2
    assert [each.asset for each in found.holdings.portfolio.positions()] == ["ACME", "USD"]
    assert found.prior["ACME"].match_id == "M2"
    assert asked(positions, wanted(2)).prior == {}
    past = asked(positions, wanted(2, at_ns=5))
    assert past.holdings.event_seq == 1


def test_it_waits_until_the_event_is_booked(
    positions: LedgerPositions, repository: LedgerRepository
) -> None:
    future = positions.ask(wanted(3))
    assert not future.done()
    book(repository, delivered([traded(3)]))
    assert future.result(PATIENCE_SECONDS).holdings.event_seq == 3


def test_ledger_that_stays_behind_or_is_none_is_said(
    positions: LedgerPositions, repository: LedgerRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_module, "WAIT_SECONDS", 0.0)
    with pytest.raises(HeldUnknown, match="event 9 is not booked yet"):
        asked(positions, wanted(9))
    assert asked(positions, wanted(2)).holdings.event_seq == 2, "it goes on"


def test_no_ledger_yet_is_said(positions: LedgerPositions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_module, "WAIT_SECONDS", 0.0)
    with pytest.raises(HeldUnknown, match="no ledger yet"):
        asked(positions, wanted(0))


@pytest.mark.parametrize(
    ("url", "why"),
    [("", "there is no ledger here"), ("postgresql://u:secret@127.0.0.1:1/x", "cannot be read")],
)
def test_database_that_does_not_answer_is_said_without_its_password(url: str, why: str) -> None:
    positions = LedgerPositions(lambda: url, lambda: Method.FIFO)
    with pytest.raises(HeldUnknown, match=why) as error:
        asked(positions, wanted(0))
    assert "secret" not in str(error.value)
    positions.close()


def test_venue_that_cannot_be_found_is_said(tmp_path: Path) -> None:
    def nowhere() -> str:
        raise ServerError(f"{tmp_path} cannot be read")

    positions = LedgerPositions(nowhere, lambda: Method.FIFO)
    with pytest.raises(HeldUnknown, match="cannot be read"):
        asked(positions, wanted(0))
    positions.close()


def test_who_waits_no_more_cancels(
    positions: LedgerPositions, repository: LedgerRepository
) -> None:
    first, second = positions.ask(wanted(3)), positions.ask(wanted(2))
    assert second.cancel(), "the first is waited for"
    book(repository, delivered([traded(3)]))
    assert first.result(PATIENCE_SECONDS).holdings.event_seq == 3
    with pytest.raises(CancelledError):
        second.result(0)
