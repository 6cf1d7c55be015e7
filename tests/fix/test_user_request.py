"""UserRequest(BE): what a member is answered, 926 by 926, and that nothing else changes."""

from pathlib import Path

import pytest

from tests.fix.test_credentials import FIRST, SECOND
from venue.fix.credentials import Credentials
from venue.fix.user_request import answer

REQUEST = {"35": "BE", "923": "u1", "924": "3", "553": "ALPHA", "554": FIRST.text}


@pytest.fixture
def store(tmp_path: Path) -> Credentials:
    store = Credentials(tmp_path)
    assert store.set_password("ALPHA", FIRST).changed
    return store


def test_password_is_changed(store: Credentials) -> None:
    given = answer(store, "ALPHA", {**REQUEST, "925": SECOND.text})
    assert given.changed and not given.wrong_password
    assert given.body == (
        "35=BF\x01553=ALPHA\x01923=u1\x01926=5\x01927=PASSWORD_CHANGED no other is valid now\x01"
    )
    assert store.check("ALPHA", SECOND).accepted


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"554": "wrong-secret"}, 4, "PASSWORD_INCORRECT"),
        ({"553": "BRAVO"}, 3, "USER_UNKNOWN"),
        ({"553": ""}, 3, "USER_UNKNOWN"),
        ({"925": "short"}, 6, "PASSWORD_LENGTH"),
        ({"925": FIRST.text}, 6, "PASSWORD_IN_USE"),
        ({"925": ""}, 6, "FIELD_MISSING"),
        ({"554": ""}, 6, "FIELD_MISSING"),
        ({"924": "1"}, 6, "REQUEST_UNSUPPORTED"),
        ({"924": "2"}, 6, "REQUEST_UNSUPPORTED"),
        ({"924": ""}, 6, "REQUEST_UNSUPPORTED"),
        ({"924": "4"}, 1, "LOGGED_ON"),
    ],
)
def test_other_requests_are_answered_and_change_nothing(
    store: Credentials, changes: dict[str, str], status: int, code: str
) -> None:
    given = answer(store, "ALPHA", {**REQUEST, "925": SECOND.text, **changes})
    assert f"\x01926={status}\x01927={code} " in given.body
    assert not given.changed
    assert given.wrong_password is (status == 4)
    assert store.check("ALPHA", FIRST).accepted and not store.check("ALPHA", SECOND).accepted
    for secret in (FIRST.text, SECOND.text, "wrong-secret"):
        assert secret not in given.body
