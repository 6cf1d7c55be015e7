"""End-of-day files: what they say, that their bytes come again, and that they come all or none."""

import csv
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.clearing.trades import book, delivered, deposited
from venue.clearing.documents import day_directory
from venue.clearing.documents.business_days import BusinessDays
from venue.clearing.documents.day_directory import OtherFilesThere, write_day
from venue.clearing.documents.end_of_day import EndOfDay, end_of_day
from venue.clearing.repository import LedgerRepository
from venue.clearing.statements import member_balances

from .week import MONDAY, TUESDAY, WEDNESDAY, at, booked_settlement, booked_week, ns

OF_MEMBERS = (
    "fails", "fees", "movements", "obligations", "positions", "settlements", "trades",
)  # fmt: skip


def files_of(engine: Engine, day: str) -> EndOfDay:
    return end_of_day(engine, BusinessDays().day(day), ns(f"{WEDNESDAY}T12:00"))


def table(made: EndOfDay, path: str) -> list[dict[str, str]]:
    (content,) = (each.content for each in made.files if each.path == path)
    return list(csv.DictReader(content.decode().splitlines()))


def test_each_member_and_the_house_have_every_file(engine: Engine) -> None:
    booked_week(engine)
    made = files_of(engine, MONDAY)
    house = [f"house/{name}.csv" for name in sorted(("accounts", "cycles", *OF_MEMBERS))]
    members = [
        f"members/{member}/{name}.csv"
        for member in ("ALPHA", "BRAVO", "CHARLIE")
        for name in OF_MEMBERS
    ]
    assert [each.path for each in made.files] == [*house, *members]
    assert (made.members, made.as_of_event_seq) == (("ALPHA", "BRAVO", "CHARLIE"), 4)


def test_files_of_members_are_those_of_the_house_in_parts(engine: Engine) -> None:
    booked_week(engine)
    for day in (MONDAY, TUESDAY):
        made = files_of(engine, day)
        for name in OF_MEMBERS:
            parts = [
                row
                for member in made.members
                for row in table(made, f"members/{member}/{name}.csv")
            ]
            whole = table(made, f"house/{name}.csv")
            assert sorted(parts, key=repr) == sorted(whole, key=repr)
            assert all(set(row) == set(whole[0]) for row in parts)


def test_positions_are_the_ledger_s_quantities(engine: Engine) -> None:
    booked_week(engine)
    for member in ("ALPHA", "BRAVO", "CHARLIE"):
        held = {(each.account, each.asset): each.amount for each in member_balances(engine, member)}
        rows = table(files_of(engine, WEDNESDAY), f"members/{member}/positions.csv")
        found = {(row["account"], row["asset"]): Decimal(row["settled"]) for row in rows}
        assert found == {key: amount for key, amount in held.items() if amount}
    monday = table(files_of(engine, MONDAY), "members/ALPHA/positions.csv")
    assert [(row["asset"], row["total"]) for row in monday] == [("ACME", "10"), ("USD", "974.5")]


def test_house_accounts_sum_to_zero_in_each_asset(engine: Engine) -> None:
    booked_week(engine)
    for day in (MONDAY, TUESDAY):
        rows = table(files_of(engine, day), "house/accounts.csv")
        for asset in ("ACME", "USD"):
            for name in ("opening", "closing"):
                assert sum(Decimal(row[name]) for row in rows if row["asset"] == asset) == 0


def test_settlement_has_obligations_before_and_settlements_and_fails_then(engine: Engine) -> None:
    booked_settlement(engine)
    monday, tuesday = files_of(engine, MONDAY), files_of(engine, TUESDAY)
    owed = [
        (row["settlement_date"], row["asset"], row["net"])
        for row in table(monday, "members/ALPHA/obligations.csv")
    ]
    assert owed == [(TUESDAY, "ACME", "10"), (TUESDAY, "USD", "-25")]
    assert table(monday, "house/cycles.csv") == table(monday, "house/fails.csv") == []
    left = [(row["asset"], row["net"]) for row in table(tuesday, "members/ALPHA/obligations.csv")]
    assert left == [("ACME", "4"), ("USD", "-10")]
    moved = [
        (row["asset"], row["amount"]) for row in table(tuesday, "members/ALPHA/settlements.csv")
    ]
    assert sorted(moved) == [("ACME", "6"), ("USD", "-15")]
    fails = [
        (row["member"], row["quantity"], row["cause"], row["short_of"], row["penalty"])
        for row in table(tuesday, "house/fails.csv")
    ]
    assert fails == [
        ("ALPHA", "4", "COUNTERPARTY", "", "0.01"),
        ("BRAVO", "-4", "SHORT", "ACME", "-0.01"),
    ]
    (cycle,) = table(tuesday, "house/cycles.csv")
    assert (cycle["obligations"], cycle["partly"], cycle["failed"]) == ("2", "2", "0")
    (alpha,) = (
        row for row in table(tuesday, "members/ALPHA/positions.csv") if row["asset"] == "ACME"
    )
    assert (alpha["settled"], alpha["unsettled"], alpha["total"]) == ("6", "4", "10")


def test_bytes_come_again_whatever_is_booked_later(engine: Engine, tmp_path: Path) -> None:
    booked_settlement(engine)
    before = {day: files_of(engine, day) for day in (MONDAY, TUESDAY)}
    repository = LedgerRepository(engine)
    repository.open()
    book(repository, delivered([at(f"{WEDNESDAY}T09:00", deposited(10))]))
    for day, made in before.items():
        assert files_of(engine, day) == made
        assert write_day(tmp_path / day, made)
        assert not write_day(tmp_path / day, files_of(engine, day))


def test_manifest_has_the_hash_of_every_file(engine: Engine, tmp_path: Path) -> None:
    booked_week(engine)
    write_day(tmp_path / "out" / MONDAY, files_of(engine, MONDAY))
    manifest = json.loads((tmp_path / "out" / MONDAY / "manifest.json").read_text())
    there = {
        str(path.relative_to(tmp_path / "out" / MONDAY)): path.read_bytes()
        for path in (tmp_path / "out" / MONDAY).rglob("*.csv")
    }
    assert {each["path"] for each in manifest["files"]} == set(there)
    for each in manifest["files"]:
        content = there[each["path"]]
        assert each["sha256"] == hashlib.sha256(content).hexdigest()
        assert (each["bytes"], each["rows"]) == (len(content), content.count(b"\n") - 1)
    assert (manifest["date"], manifest["as_of_event_seq"], manifest["is_final"]) == (
        MONDAY,
        4,
        True,
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == [MONDAY]


def test_other_files_are_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    booked_week(engine)
    write_day(tmp_path / MONDAY, files_of(engine, MONDAY))
    changed = tmp_path / MONDAY / "house" / "fees.csv"
    changed.write_text("mine\n")
    with pytest.raises(OtherFilesThere):
        write_day(tmp_path / MONDAY, files_of(engine, MONDAY))
    assert changed.read_text() == "mine\n"


def test_files_come_all_or_none(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked_week(engine)
    synced: list[Path] = []

    def fails_in_the_middle(directory: Path) -> None:
        synced.append(directory)
        if len(synced) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(day_directory, "sync_directory", fails_in_the_middle)
    with pytest.raises(OSError, match="No space"):
        write_day(tmp_path / "out" / MONDAY, files_of(engine, MONDAY))
    assert list((tmp_path / "out").iterdir()) == []
