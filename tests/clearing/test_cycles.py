"""Reads of settlement cycles and their fails, as clearing's tables have them."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from venue.clearing.cycles import (
    BookedCycle,
    BookedFail,
    booked_cycle,
    booked_cycles,
    booked_fails,
)

TABLES = """
CREATE SCHEMA clearing;
CREATE TABLE clearing.cycles (
  cycle integer PRIMARY KEY, event_seq bigint, settlement_date text, obligations integer,
  settled integer, partly integer, failed integer, begun_ns bigint, ended_ns bigint);
CREATE TABLE clearing.fails (
  event_seq bigint PRIMARY KEY, cycle integer, member text, account text, symbol text, due text,
  quantity numeric, asset text, amount numeric, currency text, cycles integer, cause text,
  short_of text, penalty numeric);
INSERT INTO clearing.cycles VALUES (1, 7, '2026-01-07', 3, 1, 1, 1, 100, 200);
INSERT INTO clearing.cycles VALUES (2, 20, '2026-01-08', 2, 0, 0, 0, 300, NULL);
INSERT INTO clearing.fails VALUES
  (9, 1, 'BRAVO', '', 'ACME', '2026-01-07', -6.5, 'ACME', 600, 'USD',
   1, 'SHORT', 'ACME', -0.01),
  (8, 1, 'ALPHA', 'A1', 'ACME', '2026-01-07', 6.5, 'ACME', -600, 'USD',
   1, 'COUNTERPARTY', '', 0.01);
"""


@pytest.fixture
def cycles(engine: Engine) -> Engine:
    """A database with these two tables alone."""
    with engine.begin() as connection:
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(text(statement))
    return engine


def test_cycle_is_read_as_it_is_booked(cycles: Engine) -> None:
    assert booked_cycle(cycles, 1) == BookedCycle(1, 7, "2026-01-07", 3, 1, 1, 1, 100, 200)
    running = booked_cycle(cycles, 2)
    assert running is not None and running.ended_ns is None
    assert booked_cycle(cycles, 3) is None


def test_last_cycles_come_the_last_one_first(cycles: Engine) -> None:
    assert [each.cycle for each in booked_cycles(cycles, 9)] == [2, 1]
    assert [each.cycle for each in booked_cycles(cycles, 1)] == [2]


def test_fails_of_a_cycle_come_in_their_order(cycles: Engine) -> None:
    first, second = booked_fails(cycles, 1)
    assert (first.member, second.member) == ("ALPHA", "BRAVO")
    assert second == BookedFail(
        "BRAVO", "", "ACME", "2026-01-07", Decimal("-6.5"), "ACME", Decimal(600), "USD", 1,
        "SHORT", "ACME", Decimal("-0.01"),
    )  # fmt: skip
    assert booked_fails(cycles, 2) == []
