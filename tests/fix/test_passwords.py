"""Passwords: which may be chosen; hashes that tell right from wrong and nothing else."""

import pytest

from venue.fix.passwords import HashDamaged, hashed, matches, weakness


def test_hash_matches_its_password_only() -> None:
    kept = hashed("correct-horse")
    assert matches(kept, "correct-horse")
    assert not matches(kept, "correct-horsf")
    assert not matches(kept, "")


def test_hash_is_argon2id_with_its_own_salt() -> None:
    one, other = hashed("correct-horse"), hashed("correct-horse")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "correct" not in one


def test_any_bytes_of_a_wire_can_be_looked_at() -> None:
    assert not matches(hashed("correct-horse"), "\udcff\udc80")


def test_longer_text_than_a_password_costs_no_hash() -> None:
    assert not matches("no hash at all", "x" * 65)


def test_damaged_hash_is_said_and_no_password() -> None:
    for kept in ("", "no hash", hashed("correct-horse")[:40]):
        with pytest.raises(HashDamaged):
            matches(kept, "correct-horse")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-1", "PASSWORD_LENGTH"),
        ("x1y2" * 17, "PASSWORD_LENGTH"),
        ("", "PASSWORD_LENGTH"),
        ("with a blank", "PASSWORD_CHARACTERS"),
        ("with|a|bar", "PASSWORD_CHARACTERS"),
        ("with\ttab-1", "PASSWORD_CHARACTERS"),
        ("umläuteün", "PASSWORD_CHARACTERS"),
        ("sur\udcffrogate", "PASSWORD_CHARACTERS"),
        ("aaaaaaaa", "PASSWORD_TOO_SIMPLE"),
        ("abababab", "PASSWORD_TOO_SIMPLE"),
        ("alpha123", "PASSWORD_TOO_SIMPLE"),
        ("ALPHA-2026", "PASSWORD_TOO_SIMPLE"),
    ],
)
def test_password_that_may_not_be_chosen_is_told_why(password: str, code: str) -> None:
    why = weakness(password, "session", "ALPHA")
    assert why is not None and why.partition(" ")[0] == code
    assert password == "" or password not in why


@pytest.mark.parametrize("password", ["12345abc", "x1y2" * 16, "alpha-has-a-long-one", "~!#$%^&*="])
def test_password_that_may_be_chosen(password: str) -> None:
    assert weakness(password, "session", "ALPHA") is None
