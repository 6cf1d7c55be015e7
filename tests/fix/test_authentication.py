"""Logons decided: who gets in, what a refusal costs and takes, and that the loop never waits."""

import base64
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fix.test_credentials import FIRST, SECOND, THIRD, Time
from tests.fix.test_signature import public
from venue.clock import utc_timestamp
from venue.fix.access import Access
from venue.fix.authentication import (
    MOST_WAITING,
    REFUSAL_SECONDS,
    Authentication,
    Decision,
    Limits,
)
from venue.fix.credentials import Credentials, Outcome, Verdict
from venue.fix.user_request import UserAnswer
from venue.peer import Peer

HERE = Peer("10.1.2.3", 40000, None, True)
KEY = Ed25519PrivateKey.generate()
MINE, OTHERS = "ab" * 32, "cd" * 32
ACCESS = {
    "ALPHA": Access(),
    "BRAVO": Access(),
    "NEAR": Access(addresses=(ip_network("10.1.0.0/16"), ip_network("::1"))),
    "BOUND": Access(certificates=frozenset({MINE})),
    "OFF": Access(),
}


class CountedCredentials(Credentials):
    """Counts the secrets that are looked at, and can be made to wait."""

    def __init__(self, data_dir: Path, now: Time) -> None:
        super().__init__(data_dir, demo=["BRAVO", "NEAR", "BOUND", "OFF"], now_ns=now)
        self.checked = 0
        self.go = threading.Event()
        self.go.set()

    def check(self, session: str, secret: object) -> Verdict:
        assert self.go.wait(10.0)
        self.checked += 1
        return super().check(session, secret)  # type: ignore[arg-type]


class Door:
    """An Authentication whose monotonic time goes when it is told to."""

    def __init__(self, data_dir: Path) -> None:
        self.now, self.wall = 1000.0, Time()
        self.credentials = CountedCredentials(data_dir, self.wall)
        assert self.credentials.set_password("ALPHA", FIRST).changed
        self.authentication = Authentication(
            self.credentials,
            ACCESS,
            lambda session: session in ACCESS and session != "OFF",
            Limits(logons_a_minute=100),
            monotonic=lambda: self.now,
        )

    def settle(self) -> None:
        """Wait until the worker has done all."""
        worker = self.authentication._worker
        done = threading.Event()
        assert worker.submit(done.set, lambda result: None)
        assert done.wait(10.0)

    def decide(self, logon: dict[str, str], peer: Peer = HERE) -> Decision:
        """What a Logon comes to; the time that it takes has passed then."""
        ticket = self.authentication.begin(logon, peer)
        self.settle()
        found = self.authentication.finished()
        if not found:
            self.now += REFUSAL_SECONDS
            found = self.authentication.finished()
        ((decided, decision),) = found
        assert decided == ticket and isinstance(decision, Decision)
        return decision

    def answer(self, fields: dict[str, str]) -> UserAnswer:
        """What ALPHA's UserRequest is answered."""
        ticket = self.authentication.answer_user_request("ALPHA", fields)
        self.settle()
        ((decided, answer),) = self.authentication.finished()
        assert decided == ticket and isinstance(answer, UserAnswer)
        return answer


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.credentials.go.set()
    door.authentication.close()


def logon(session: str = "ALPHA", password: str = FIRST.text, **more: str) -> dict[str, str]:
    fields = {"35": "A", "34": "1", "49": session, "56": "VENUE", "553": session, "554": password}
    return {**fields, **{tag.removeprefix("_"): value for tag, value in more.items()}}


def signed_logon(door: Door, session: str = "ALPHA", **more: str) -> dict[str, str]:
    fields = {
        "35": "A",
        "34": "1",
        "49": session,
        "56": "VENUE",
        "52": utc_timestamp(door.wall.now_ns),
    }
    payload = "\x01".join(fields[tag] for tag in ("35", "49", "56", "34", "52"))
    raw = base64.b64encode(KEY.sign(payload.encode())).decode()
    fields |= {"95": str(len(raw)), "96": raw}
    return {**fields, **{tag.removeprefix("_"): value for tag, value in more.items()}}


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


def test_signed_logon_needs_neither_user_name_nor_password(door: Door) -> None:
    assert door.credentials.set_key("ALPHA", public(KEY)).changed
    assert door.decide(signed_logon(door)).accepted
    door.wall.now_ns += 1_000_000
    assert door.decide(signed_logon(door, _553="ALPHA")).accepted
    door.wall.now_ns += 1_000_000
    for changes, why in (
        ({"_553": "BRAVO"}, "Username(553)"),
        ({"_34": "2"}, "signature"),
        ({"_95": "1"}, "RawDataLength"),
    ):
        assert why in door.decide(signed_logon(door, **changes)).why
    assert door.decide(logon()).accepted


def test_new_password_is_taken_with_a_right_logon(door: Door) -> None:
    decision = door.decide(logon(_925=SECOND.text))
    assert decision == Decision(True, "", text="PASSWORD_CHANGED no other is valid now")
    assert not door.decide(logon()).accepted
    assert door.decide(logon(password=SECOND.text)).accepted


def test_new_password_of_a_wrong_logon_is_not_looked_at(door: Door) -> None:
    for new in ("short", FIRST.text, SECOND.text):
        decision = door.decide(logon(password="wrong", _925=new))
        assert decision == Decision(False, "Password(554) is wrong")
    assert door.decide(logon()).accepted


def test_new_password_that_is_weak_refuses_and_tells_whose_secret_was_right(door: Door) -> None:
    for new, code in (("short", "PASSWORD_LENGTH"), (FIRST.text, "PASSWORD_IN_USE")):
        decision = door.decide(logon(_925=new))
        assert not decision.accepted and decision.text.startswith(code)
    assert door.decide(logon()).accepted


def test_new_password_needs_the_old_one_also_beside_a_signature(door: Door) -> None:
    assert door.credentials.set_key("ALPHA", public(KEY)).changed
    for password in ("", "wrong"):
        decision = door.decide(signed_logon(door, _554=password, _925=SECOND.text))
        assert not decision.accepted and decision.text.startswith("PASSWORD_INCORRECT")
        door.wall.now_ns += 1_000_000
    assert door.decide(signed_logon(door, _554=FIRST.text, _925=SECOND.text)).accepted
    assert door.decide(logon(password=SECOND.text)).accepted


def test_password_that_must_be_changed_is_let_in_to_do_so(door: Door) -> None:
    door.credentials.set_password("ALPHA", SECOND, at_once=True, must_change=True)
    assert door.decide(logon(password=SECOND.text)) == Decision(True, "", must_change=True)
    changed = door.decide(logon(password=SECOND.text, _925=THIRD.text))
    assert changed.accepted and not changed.must_change


def test_user_request_changes_the_password(door: Door) -> None:
    request = {"923": "u1", "924": "3", "553": "ALPHA", "554": FIRST.text, "925": SECOND.text}
    answer = door.answer(request)
    assert answer.changed and "\x01926=5\x01" in answer.body
    assert door.decide(logon(password=SECOND.text)).accepted


def test_user_requests_with_wrong_passwords_end_and_lock_no_logon_out(door: Door) -> None:
    request = {"923": "u1", "924": "3", "553": "ALPHA", "554": "wrong", "925": SECOND.text}
    for _ in range(5):
        assert "\x01926=4\x01" in door.answer(request).body
    looked_at = door.credentials.checked
    ticket = door.authentication.answer_user_request("ALPHA", {**request, "554": FIRST.text})
    ((decided, answer),) = door.authentication.finished()
    assert decided == ticket and isinstance(answer, UserAnswer)
    assert "\x01926=6\x01927=TRY_LATER " in answer.body
    assert door.credentials.checked == looked_at
    assert door.decide(logon()).accepted


def operate(door: Door, change: Callable[[Callable[[Outcome], None]], None]) -> Outcome:
    told: list[Outcome] = []
    change(told.append)
    door.settle()
    assert door.authentication.finished() == []
    (outcome,) = told
    return outcome


def test_operator_s_change_counts_at_once_and_forgives(door: Door) -> None:
    for _ in range(5):
        door.decide(logon(password="wrong"))
    assert not door.decide(logon()).accepted
    set_password = door.authentication.set_password
    dry = operate(door, lambda done: set_password("ALPHA", SECOND, done, dry_run=True))
    assert dry.changed and not door.decide(logon()).accepted
    assert operate(door, lambda done: set_password("ALPHA", SECOND, done, at_once=True)).changed
    assert not door.decide(logon()).accepted
    assert door.decide(logon(password=SECOND.text)).accepted


def test_operator_sets_a_key(door: Door) -> None:
    set_key = door.authentication.set_key
    assert operate(door, lambda done: set_key("ALPHA", public(KEY), done)).changed
    assert door.decide(signed_logon(door)).accepted


def test_sessions_change_while_the_venue_runs(door: Door) -> None:
    door.authentication.configure({"ALPHA": ACCESS["NEAR"]})
    assert not door.decide(logon(), Peer("10.9.9.9", 1)).accepted
    assert not door.decide(logon("BRAVO", "demo")).accepted
    assert door.decide(logon()).accepted
