"""Logons decided: who gets in, what a refusal costs and takes, and that the loop never waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix.logon_door import ACCESS, HERE, MINE, OTHERS, Door, logon, opened
from tests.fix.test_credentials import FIRST
from venue.fix.authentication import MOST_WAITING, REFUSAL_SECONDS, Decision
from venue.peer import Peer


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(tmp_path) as door:
        yield door


def test_right_password_is_let_in_as_soon_as_it_is_known_to_be(door: Door) -> None:
    ticket = door.authentication.begin(logon(), HERE)
    door.settle()
    assert door.authentication.finished() == [(ticket, Decision(True, ""))]
    assert door.authentication.finished() == []


@pytest.mark.parametrize(
    ("fields", "peer", "why"),
    [
        (logon(password="wrong"), HERE, "Password(554) is wrong"),
        (logon(password=""), HERE, "Password(554) is missing"),
        (logon(_553="BRAVO"), HERE, "Username(553) is not the CompID"),
        ({"49": "ALPHA", "554": FIRST.text}, HERE, "Username(553) is missing"),
        (logon("ZULU"), HERE, "the session is unknown, disabled, or not in force"),
        (logon(""), HERE, "the session is unknown, disabled, or not in force"),
        ({}, HERE, "the session is unknown, disabled, or not in force"),
        (logon("OFF", "demo"), HERE, "the session is unknown, disabled, or not in force"),
        (logon("NEAR", "demo"), Peer("10.2.0.1", 1), "may not come from this address"),
        (logon("NEAR", "demo"), Peer("::2", 1), "may not come from this address"),
        (logon("NEAR", "demo"), Peer("", 0), "may not come from this address"),
        (logon("BOUND", "demo"), HERE, "certificate is not one of the session's"),
        (
            logon("BOUND", "demo"),
            Peer("10.1.2.3", 1, OTHERS, True),
            "certificate is not one of the session's",
        ),
        (logon(), Peer("10.1.2.3", 1, MINE, True), "certificate is another session's"),
        (logon(_96="AAAA", _95="4"), HERE, ""),
    ],
)
def test_who_is_refused_is_refused_at_the_same_moment_whatever_was_wrong(
    door: Door, fields: dict[str, str], peer: Peer, why: str
) -> None:
    ticket = door.authentication.begin(fields, peer)
    door.settle()
    if not why:  # RawData says nothing where a session has no key: its password is looked at
        assert door.authentication.finished() == [(ticket, Decision(True, ""))]
        return
    assert door.authentication.finished() == []
    door.now += REFUSAL_SECONDS * 0.99
    assert door.authentication.finished() == []
    door.now = 1000.0 + REFUSAL_SECONDS
    ((decided, decision),) = door.authentication.finished()
    assert isinstance(decision, Decision)
    assert decided == ticket and not decision.accepted and not decision.text
    assert why in decision.why
    assert door.authentication.finished() == []


@pytest.mark.parametrize(
    ("fields", "peer"),
    [
        (logon("NEAR", "demo"), HERE),
        (logon("NEAR", "demo"), Peer("::ffff:10.1.9.9", 1)),
        (logon("NEAR", "demo"), Peer("::1", 1)),
        (logon("BOUND", "demo"), Peer("127.0.0.1", 1, MINE, True)),
        (logon(), Peer("10.1.2.3", 1, OTHERS, True)),
    ],
)
def test_who_comes_as_its_session_asks_is_let_in(
    door: Door, fields: dict[str, str], peer: Peer
) -> None:
    assert door.decide(fields, peer).accepted


def test_refusals_cost_no_hash_where_none_is_needed(door: Door) -> None:
    for fields in (logon("ZULU"), logon("OFF", "demo"), logon("BOUND", "demo"), logon(password="")):
        assert not door.decide(fields).accepted
    assert door.credentials.checked == 0


def test_address_that_fails_too_often_is_locked_out_of_that_session_alone(door: Door) -> None:
    whys = [door.decide(logon(password="wrong")).why for _ in range(5)]
    assert set(whys) == {"Password(554) is wrong"}
    looked_at = door.credentials.checked
    assert door.decide(logon()).why.startswith("locked out for")
    assert door.credentials.checked == looked_at
    assert door.decide(logon("BRAVO", "demo")).accepted
    assert door.decide(logon(), Peer("10.1.2.4", 1)).accepted
    door.now += 300.0
    assert door.decide(logon()).accepted


def test_volley_gets_as_many_tries_as_one_after_the_other(door: Door) -> None:
    door.credentials.go.clear()
    tickets = [door.authentication.begin(logon(password="wrong"), HERE) for _ in range(50)]
    door.credentials.go.set()
    door.settle()
    door.authentication.finished()
    door.now += REFUSAL_SECONDS
    decided = dict(door.authentication.finished())
    assert sorted(decided) == tickets
    assert door.credentials.checked == 5


def test_address_has_so_many_logons_a_minute_right_or_wrong(door: Door) -> None:
    for _ in range(100):
        assert door.decide(logon("BRAVO", "demo")).accepted
    door.now = 1000.0
    assert "too many logons in a minute" in door.decide(logon("BRAVO", "demo")).why
    assert door.decide(logon("BRAVO", "demo"), Peer("10.1.2.4", 1)).accepted


def test_loop_never_waits_and_the_queue_is_bounded(door: Door) -> None:
    door.credentials.go.clear()
    peers = [Peer(f"10.9.0.{number}", 1) for number in range(MOST_WAITING + 10)]
    tickets = [door.authentication.begin(logon("BRAVO", "demo"), peer) for peer in peers]
    assert door.authentication.finished() == []
    door.now += REFUSAL_SECONDS
    door.credentials.go.set()
    decided: dict[int, object] = {}
    while len(decided) < len(tickets):
        decided |= dict(door.authentication.finished())
        door.now += REFUSAL_SECONDS
    refused = [each for each in decided.values() if isinstance(each, Decision) and each.why]
    assert {each.why for each in refused} == {"too many logons wait"}
    assert len(refused) in (9, 10)  # the worker may have taken the first out of its queue


def test_unknown_session_waits_as_long_as_a_known_one_behind_a_busy_worker(door: Door) -> None:
    door.credentials.go.clear()
    known = door.authentication.begin(logon(password="wrong"), HERE)
    unknown = door.authentication.begin(logon("ZULU"), HERE)
    door.now += 1.1 * REFUSAL_SECONDS
    assert door.authentication.finished() == []
    door.credentials.go.set()
    door.settle()
    assert door.authentication.finished() == []
    door.now = 1000.0 + 2 * REFUSAL_SECONDS
    assert [ticket for ticket, _ in door.authentication.finished()] == [known, unknown]


def test_check_that_breaks_refuses_and_holds_nothing_against_anybody(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(kept: str, password: str) -> bool:
        raise MemoryError("planted")

    with monkeypatch.context() as planted:
        planted.setattr("venue.fix.credentials.matches", breaks)
        for _ in range(6):
            assert "could not be checked" in door.decide(logon()).why
    assert door.decide(logon()).accepted


def test_sessions_change_while_the_venue_runs(door: Door) -> None:
    door.authentication.configure({"ALPHA": ACCESS["NEAR"]})
    assert not door.decide(logon(), Peer("10.9.9.9", 1)).accepted
    assert not door.decide(logon("BRAVO", "demo")).accepted
    assert door.decide(logon()).accepted
