"""Passwords and keys that change while the venue runs: what a Logon is worth afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fix.logon_door import KEY, Door, logon, opened, signed_logon
from tests.fix.test_credentials import FIRST, SECOND, THIRD
from tests.fix.test_signature import public
from venue.fix.authentication import Decision
from venue.fix.credentials import Outcome
from venue.fix.user_request import UserAnswer


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(tmp_path) as door:
        yield door


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


def test_whoever_notes_is_told_of_each_password_that_a_session_has_chosen(door: Door) -> None:
    chosen: list[str] = []
    door.authentication.password_chosen = chosen.append
    assert door.decide(logon()).accepted
    assert not door.decide(logon(_925="short")).accepted
    assert not door.decide(logon(password="wrong", _925=SECOND.text)).accepted
    assert chosen == []
    assert door.decide(logon(_925=SECOND.text)).accepted
    assert chosen == ["ALPHA"]
    request = {"35": "BE", "923": "u1", "924": "3", "553": "ALPHA", "554": SECOND.text}
    assert not door.answer({**request, "925": "short"}).changed
    assert door.answer({**request, "925": THIRD.text}).changed
    assert chosen == ["ALPHA", "ALPHA"]
