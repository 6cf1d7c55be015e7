"""Passwords: which are taken, and how they are hashed (argon2id, RFC 9106).

Length and no guessable text, as NIST SP 800-63B (3.1.1.2) has it; no rules of composition.
"""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_PASSWORD, MOST_PASSWORD = 12, 256
_LEAST_DIFFERENT = 5
_LEAST_NAME = 4
_GUESSED = (
    "password", "passwort", "123456789", "qwertyuiop", "letmein", "iloveyou", "changeme",
    "administrator",
)  # fmt: skip
"""Beginnings of the lists that passwords are guessed by."""
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())
"""What the password of a user who is none is compared with."""


def password_fault(name: str, password: str) -> str:
    """What is wrong with a password that a user has chosen; empty: nothing."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        return f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters"
    plain = password.casefold()
    if len(name) >= _LEAST_NAME and name in plain:
        return "a password must not have the user's name in it"
    if len(set(plain)) < _LEAST_DIFFERENT:
        return f"a password has at least {_LEAST_DIFFERENT} different characters"
    if plain.startswith(_GUESSED):
        return "the password is one of those that are tried first"
    return ""


def hashed(password: str) -> str:
    """The hash that is kept. Takes some 50 ms."""
    return _hasher.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the password of this hash; None: of nobody, and takes as long to say no."""
    try:
        _hasher.verify(_NOBODY if kept is None else kept, password[:MOST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
