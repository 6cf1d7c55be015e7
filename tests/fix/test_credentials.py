"""The store of credentials: right and wrong secrets, rotation, the demo's password, the file."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fix.test_signature import public
from venue.fix.credentials import Credentials, Outcome, Password, UserStatus
from venue.fix.signature import Signature
from venue.settings.configuration_error import ConfigurationError

HOUR_NS = 3_600_000_000_000
FIRST, SECOND, THIRD = map(Password, ("first-secret", "second-secret", "third-secret"))
KEY = Ed25519PrivateKey.generate()


class Time:
    """A wall clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_ns = 1_800_000_000_000_000_000

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def now() -> Time:
    return Time()


@pytest.fixture
def store(tmp_path: Path, now: Time) -> Credentials:
    """A store where ALPHA has FIRST and BRAVO the demo password; old ones overlap by a day."""
    store = opened(tmp_path, now)
    assert store.set_password("ALPHA", FIRST).changed
    return store


def opened(directory: Path, now: Time) -> Credentials:
    return Credentials(directory, demo=["BRAVO"], overlap_ns=24 * HOUR_NS, now_ns=now)


def accepts(store: Credentials, secret: Password, session: str = "ALPHA") -> bool:
    return store.check(session, secret).accepted


def signed(now: Time, off_ns: int = 0, key: Ed25519PrivateKey = KEY, number: int = 1) -> Signature:
    payload = f"A\x01ALPHA\x01VENUE\x01{number}\x01{now.now_ns + off_ns}".encode()
    return Signature(payload, key.sign(payload), now.now_ns + off_ns)


def test_right_password_is_accepted_and_nothing_else(store: Credentials) -> None:
    assert accepts(store, FIRST)
    for text in ("", "first-secreT", "first-secret ", "demo", "first-secret\x00", "\udcff"):
        verdict = store.check("ALPHA", Password(text))
        assert not verdict.accepted and verdict.why
        assert text == "" or text not in verdict.why


def test_session_without_secrets_lets_nobody_in(store: Credentials) -> None:
    for text in ("", "demo", "first-secret"):
        assert not accepts(store, Password(text), "CHARLIE")
    assert not store.has_any("CHARLIE") and store.has_any("ALPHA") and store.has_any("BRAVO")


def test_password_is_in_no_repr_and_no_file(store: Credentials, tmp_path: Path) -> None:
    assert "first-secret" not in repr(FIRST)
    for file in tmp_path.iterdir():
        assert b"first-secret" not in file.read_bytes()


def test_demo_password_counts_until_there_is_another(store: Credentials) -> None:
    demo = Password("demo")
    assert accepts(store, demo, "BRAVO")
    assert not accepts(store, FIRST, "BRAVO")
    assert store.change_password("BRAVO", demo, SECOND).changed
    assert accepts(store, SECOND, "BRAVO")
    assert not accepts(store, demo, "BRAVO")


def test_two_passwords_are_valid_during_a_rotation(store: Credentials, now: Time) -> None:
    outcome = store.change_password("ALPHA", FIRST, SECOND)
    assert outcome == Outcome(
        UserStatus.PASSWORD_CHANGED, "PASSWORD_CHANGED the old one is valid for 24 h more"
    )
    assert accepts(store, FIRST) and accepts(store, SECOND)
    now.now_ns += 24 * HOUR_NS
    assert not accepts(store, FIRST) and accepts(store, SECOND)


def test_third_password_ends_the_first(store: Credentials, now: Time) -> None:
    store.change_password("ALPHA", FIRST, SECOND)
    now.now_ns += HOUR_NS
    assert store.change_password("ALPHA", SECOND, THIRD).changed
    assert [accepts(store, each) for each in (FIRST, SECOND, THIRD)] == [False, True, True]


def test_changing_with_the_old_password_during_the_rotation_is_possible(store: Credentials) -> None:
    store.change_password("ALPHA", FIRST, SECOND)
    assert store.change_password("ALPHA", FIRST, THIRD).changed
    assert [accepts(store, each) for each in (FIRST, SECOND, THIRD)] == [False, True, True]


def test_at_once_leaves_the_old_password_no_time(store: Credentials) -> None:
    outcome = store.set_password("ALPHA", SECOND, at_once=True)
    assert outcome.text == "PASSWORD_CHANGED no other is valid now"
    assert not accepts(store, FIRST) and accepts(store, SECOND)


def test_wrong_old_password_changes_nothing(store: Credentials) -> None:
    outcome = store.change_password("ALPHA", SECOND, THIRD)
    assert outcome.status is UserStatus.PASSWORD_INCORRECT
    assert accepts(store, FIRST) and not accepts(store, THIRD)


def test_weak_and_current_passwords_are_not_taken(store: Credentials) -> None:
    store.change_password("ALPHA", FIRST, SECOND)
    for new, code in (
        (FIRST, "PASSWORD_IN_USE"),
        (SECOND, "PASSWORD_IN_USE"),
        (Password("demo"), "PASSWORD_LENGTH"),
    ):
        outcome = store.change_password("ALPHA", SECOND, new)
        assert outcome.status is UserStatus.OTHER
        assert outcome.text.startswith(code)
        assert store.set_password("ALPHA", new).text.startswith(code)
    assert accepts(store, FIRST) and accepts(store, SECOND)


def test_password_that_must_be_changed_ends_with_the_change(store: Credentials) -> None:
    assert store.set_password("ALPHA", SECOND, at_once=True, must_change=True).changed
    assert store.check("ALPHA", SECOND) == (True, "", True)
    assert store.change_password("ALPHA", SECOND, THIRD).changed
    assert store.check("ALPHA", THIRD) == (True, "", False)
    assert not accepts(store, SECOND)


def test_dry_run_says_what_would_come_and_changes_nothing(store: Credentials) -> None:
    assert store.set_password("ALPHA", SECOND, dry_run=True).changed
    assert store.set_key("ALPHA", public(KEY), dry_run=True).changed
    assert not store.set_password("ALPHA", FIRST, dry_run=True).changed
    assert not accepts(store, SECOND) and not store.has_key("ALPHA")


def test_all_is_there_again_after_a_restart(store: Credentials, tmp_path: Path, now: Time) -> None:
    store.change_password("ALPHA", FIRST, SECOND)
    store.set_key("ALPHA", public(KEY))
    again = opened(tmp_path, now)
    assert accepts(again, FIRST) and accepts(again, SECOND)
    assert again.check("ALPHA", signed(now)).accepted
    now.now_ns += 24 * HOUR_NS
    assert not accepts(opened(tmp_path, now), FIRST)


def test_signature_is_accepted_once(store: Credentials, now: Time) -> None:
    store.set_key("ALPHA", public(KEY))
    assert store.check("ALPHA", signed(now)).accepted
    again = store.check("ALPHA", signed(now))
    assert not again.accepted and "used before" in again.why
    now.now_ns += 1_000_000
    assert store.check("ALPHA", signed(now)).accepted


def test_signature_holds_for_five_seconds_either_way(store: Credentials, now: Time) -> None:
    store.set_key("ALPHA", public(KEY))
    for off_ns, right in (
        (-5_000_000_000, True),
        (5_000_000_000, True),
        (-5_000_000_001, False),
        (5_000_000_001, False),
    ):
        assert store.check("ALPHA", signed(now, off_ns)).accepted is right


def test_used_signature_is_remembered_as_long_as_it_could_be_used(
    store: Credentials, now: Time
) -> None:
    store.set_key("ALPHA", public(KEY))
    early = signed(now, 5_000_000_000)
    assert store.check("ALPHA", early).accepted
    now.now_ns += 9_999_999_999
    assert "used before" in store.check("ALPHA", early).why


def test_signature_of_another_s_key_is_refused(store: Credentials, now: Time) -> None:
    assert "no public key" in store.check("ALPHA", signed(now)).why
    store.set_key("BRAVO", public(KEY))
    store.set_key("ALPHA", public(Ed25519PrivateKey.generate()))
    assert not store.check("ALPHA", signed(now)).accepted


def test_keys_rotate_as_passwords_do(store: Credentials, now: Time) -> None:
    other = Ed25519PrivateKey.generate()
    store.set_key("ALPHA", public(KEY))
    assert store.set_key("ALPHA", public(KEY)).text.startswith("KEY_IN_USE")
    assert store.set_key("ALPHA", public(other)).changed
    assert store.check("ALPHA", signed(now)).accepted
    assert store.check("ALPHA", signed(now, key=other, number=2)).accepted
    now.now_ns += 24 * HOUR_NS
    assert not store.check("ALPHA", signed(now)).accepted
    assert store.check("ALPHA", signed(now, key=other)).accepted


def test_configured_key_counts_beside_the_store_s(tmp_path: Path, now: Time) -> None:
    store = Credentials(tmp_path, public_keys={"ALPHA": public(KEY)}, now_ns=now)
    assert store.has_key("ALPHA") and store.check("ALPHA", signed(now)).accepted
    store.configure(demo=[], public_keys={})
    now.now_ns += 1
    assert not store.check("ALPHA", signed(now)).accepted


def test_name_of_a_removed_session_begins_anew(
    store: Credentials, tmp_path: Path, now: Time
) -> None:
    store.forget("ALPHA")
    assert not accepts(store, FIRST)
    assert not accepts(opened(tmp_path, now), FIRST)


def test_file_is_for_its_owner_only(store: Credentials, tmp_path: Path, now: Time) -> None:
    file = tmp_path / "credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    opened(tmp_path, now)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version":1}', b'{"version":2,"sessions":{}}', b"\xff",
     b'{"version":1,"sessions":{"ALPHA":{"passwords":[{"hash":1}]}}}',
     b'{"version":1,"sessions":{"ALPHA":{"public_keys":[{"key":"c2hvcnQ="}]}}}',
     b'{"version":1,"sessions":{"ALPHA":{"password":"in-clear"}}}'],
)  # fmt: skip
def test_file_that_cannot_be_read_stops_the_start(
    tmp_path: Path, now: Time, content: bytes
) -> None:
    (tmp_path / "credentials.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"credentials\.json"):
        opened(tmp_path, now)


def test_link_in_place_of_the_file_stops_the_start(tmp_path: Path, now: Time) -> None:
    (tmp_path / "other").write_text('{"version":1,"sessions":{}}')
    (tmp_path / "credentials.json").symlink_to(tmp_path / "other")
    with pytest.raises(ConfigurationError, match=r"credentials\.json"):
        opened(tmp_path, now)


def test_damaged_hash_refuses_and_a_new_password_mends(
    store: Credentials, tmp_path: Path, now: Time
) -> None:
    file = tmp_path / "credentials.json"
    content = json.loads(file.read_text())
    content["sessions"]["ALPHA"]["passwords"][0]["hash"] = "$argon2id$broken"
    file.write_text(json.dumps(content))
    store = opened(tmp_path, now)
    verdict = store.check("ALPHA", FIRST)
    assert not verdict.accepted and "damaged" in verdict.why
    assert store.set_password("ALPHA", SECOND).changed
    assert accepts(store, SECOND)


def test_change_that_cannot_be_kept_does_not_count(store: Credentials, tmp_path: Path) -> None:
    (tmp_path / "credentials.json.new").mkdir()
    outcome = store.change_password("ALPHA", FIRST, SECOND)
    assert outcome.status is UserStatus.OTHER and outcome.text.startswith("CHANGE_NOT_KEPT")
    assert accepts(store, FIRST) and not accepts(store, SECOND)
