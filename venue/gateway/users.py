"""Users of members, with passwords (argon2id, RFC 9106), and their API keys.

Knows the store. A user who is blocked, or whose member may not trade, still exists: what he may do
is asked elsewhere. Nobody learns from the time of an answer whether a user exists.
"""

import re
import secrets
from enum import StrEnum

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from venue.gateway.scopes import Scope, scopes_of, text_of
from venue.gateway.store import Store

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
LEAST_PASSWORD, MOST_PASSWORD = 12, 256
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())
"""What the password of a user who is none is compared with."""


class State(StrEnum):
    """ACTIVE: may log in. BLOCKED: may not, until somebody says otherwise."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class User(msgspec.Struct, frozen=True):
    """A user. scopes: the most that a token of his may have."""

    name: str
    member: str
    scopes: frozenset[Scope]
    state: State


class ApiKey(msgspec.Struct, frozen=True):
    """A key of a robot. secret: signs its requests."""

    key: str
    user: User
    secret: str
    scopes: frozenset[Scope]


class UserRefused(ValueError):
    """A user cannot be made or changed so; text says why."""


class Users:
    """The users of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, name: str, member: str, scopes: frozenset[Scope], password: str, now_ns: int
    ) -> User:
        """Add a user. Takes some 50 ms. Raises UserRefused."""
        if not NAME.fullmatch(name):
            raise UserRefused(f"{name!r}: 2 to 64 of a-z, 0-9, point, underscore and hyphen")
        if not scopes:
            raise UserRefused("a user needs a scope")
        hashed = _hashed(password)
        with self._store.changing() as connection:
            if connection.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise UserRefused(f"there is a user {name} already")
            connection.execute(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
                (name, member, text_of(scopes), hashed, State.ACTIVE, now_ns),
            )
        return User(name, member, scopes, State.ACTIVE)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password. Takes some 50 ms. Raises UserRefused."""
        self._change(name, "password_hash", _hashed(password))

    def set_state(self, name: str, state: State) -> None:
        """Block a user, or let him in again. Raises UserRefused."""
        self._change(name, "state", state.value)

    def _change(self, name: str, column: str, value: str) -> None:
        with self._store.changing() as connection:
            query = f"UPDATE users SET {column} = ? WHERE name = ?"  # our own names
            if connection.execute(query, (value, name)).rowcount != 1:
                raise UserRefused(f"there is no user {name}")

    def get(self, name: str) -> User | None:
        """The user; None: there is none."""
        row = self._store.row("SELECT * FROM users WHERE name = ?", (name,))
        if row is None:
            return None
        return User(row["name"], row["member"], scopes_of(row["scopes"]), State(row["state"]))

    def all(self) -> list[User]:
        """All users, by name."""
        names = self._store.rows("SELECT name FROM users ORDER BY name")
        return [user for row in names if (user := self.get(row["name"])) is not None]

    def checked(self, name: str, password: str) -> User | None:
        """The user whose password this is, if he may log in; takes as long for who is none."""
        row = self._store.row("SELECT password_hash FROM users WHERE name = ?", (name,))
        hashed = _NOBODY if row is None else row["password_hash"]
        try:
            _hasher.verify(hashed, password[:MOST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return None
        user = self.get(name)
        return user if user is not None and user.state is State.ACTIVE else None

    # API keys

    def add_key(
        self, user: User, scopes: frozenset[Scope], label: str, now_ns: int, secret: str = ""
    ) -> ApiKey:
        """Make a key with at most its user's scopes. Its secret is told now and never again.

        secret: one of another form than usual.
        """
        if not scopes or not scopes <= user.scopes:
            raise UserRefused(f"a key of {user.name} may have: {text_of(user.scopes)}")
        made = ApiKey(secrets.token_urlsafe(18), user, secret or secrets.token_urlsafe(32), scopes)
        with self._store.changing() as connection:
            connection.execute(
                "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (made.key, user.name, made.secret, text_of(scopes), label, now_ns),
            )
        return made

    def key(self, key: str) -> ApiKey | None:
        """A key that is good now, whose user may log in; None: there is none."""
        row = self._store.row("SELECT * FROM api_keys WHERE key = ? AND revoked_ns IS NULL", (key,))
        user = None if row is None else self.get(row["user"])
        if row is None or user is None or user.state is not State.ACTIVE:
            return None
        return ApiKey(key, user, row["secret"], scopes_of(row["scopes"]) & user.scopes)

    def revoke_key(self, user: User, key: str, now_ns: int) -> bool:
        """End a key of this user. False: he has none of that name that is good."""
        with self._store.changing() as connection:
            done = connection.execute(
                "UPDATE api_keys SET revoked_ns = ? "
                "WHERE key = ? AND user = ? AND revoked_ns IS NULL",
                (now_ns, key, user.name),
            )
            return done.rowcount == 1


def _hashed(password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise UserRefused(f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    return _hasher.hash(password)
