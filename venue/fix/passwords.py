"""Passwords of sessions and operators: which may be chosen, and how one is kept, as argon2id hash.

Pure but for the salt's randomness; must never keep or show a password. A hash blocks for tens of
milliseconds: never in the loop of trading.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

MEMORY_KIB = 19 << 10
PASSES = 2
LANES = 1
"""Measured: 30 ms a hash on one core. Its memory is what may stand beside trading for a moment."""

SHORTEST, LONGEST = 8, 64
LEAST_DIFFERENT = 3

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


class HashDamaged(Exception):
    """A kept text is not a hash: the file was changed by hand."""


def hashed(password: str) -> str:
    """The argon2id hash of a password, salt and parameters in its text."""
    return _hasher.hash(_bytes(password))


def matches(kept: str, password: str) -> bool:
    """Whether `kept` is the hash of `password`. Raises HashDamaged when it is no hash.

    A text that is longer than any password is not hashed.
    """
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(kept, _bytes(password))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as error:
        raise HashDamaged(str(error) or type(error).__name__) from error


def weakness(password: str, whose: str, name: str) -> str | None:
    """Why a password may not be chosen: a code and a sentence; None if it may.

    whose: what has that name, "session" or "operator".
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"PASSWORD_LENGTH a password has {SHORTEST} to {LONGEST} characters"
    if not all("!" <= character <= "~" for character in password) or "|" in password:
        return "PASSWORD_CHARACTERS a password is printable ASCII without blanks and |"
    if len(set(password)) < LEAST_DIFFERENT:
        return f"PASSWORD_TOO_SIMPLE at least {LEAST_DIFFERENT} characters of it differ"
    if name.lower() in password.lower() and len(name) * 2 >= len(password):
        return f"PASSWORD_TOO_SIMPLE half of it or more is the {whose}'s name"
    return None


def _bytes(password: str) -> bytes:
    """The bytes of a text as they came on the wire, whatever they were."""
    return password.encode(errors="surrogateescape")
