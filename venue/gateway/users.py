"""Users of members, with passwords, and their API keys.

Knows the store. A user who is blocked, or whose member may not trade, still exists: what he may do
is asked elsewhere. Nobody learns from the time of an answer whether a user exists.
"""

import re
import secrets
import sqlite3

import msgspec

from venue.gateway.passwords import LEAST_PASSWORD as LEAST_PASSWORD
from venue.gateway.passwords import MOST_PASSWORD as MOST_PASSWORD
from venue.gateway.passwords import hashed, is_right, password_fault
from venue.gateway.scopes import Scope, scopes_of, text_of
from venue.gateway.standing import Act, NotInThisState, after
from venue.gateway.standing import State as State
from venue.gateway.store import Store

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
VENUE = "_"
"""The member of operators: the venue itself. No member can be called so."""


APPLICANTS = frozenset({Scope.READ, Scope.TRADE})
"""Scopes of who has applied."""


class User(msgspec.Struct, frozen=True):
    """A user. scopes: the most that a token of his may have. is_demo: everybody knows his password.

    is_founder: his application has made the member, whose KYC goes with his.
    """

    name: str
    member: str
    scopes: frozenset[Scope]
    state: State
    is_demo: bool = False
    legal_name: str = ""
    is_founder: bool = False

    @property
    def is_operator(self) -> bool:
        """Whether he operates the venue, and belongs to no member."""
        return self.member == VENUE and Scope.OPERATE in self.scopes


class ApiKey(msgspec.Struct, frozen=True):
    """A key of a robot. secret: signs its requests."""

    key: str
    user: User
    secret: str
    scopes: frozenset[Scope]


class UserRefused(ValueError):
    """A user cannot be made or changed so; text says why."""


class Users:
    """The users of one store. takes_demo: whether users with the demo password may log in."""

    def __init__(self, store: Store, *, takes_demo: bool = False) -> None:
        self._store = store
        self._takes_demo = takes_demo
        self._kept: dict[str, User] = {}
        self._kept_of = store.state()

    def add(
        self,
        name: str,
        member: str,
        scopes: frozenset[Scope],
        password: str,
        now_ns: int,
        *,
        state: State = State.ACTIVE,
        legal_name: str = "",
        is_demo: bool = False,
        is_founder: bool = False,
    ) -> User:
        """Add a user. Takes some 50 ms. is_demo: any password goes. Raises UserRefused."""
        if not NAME.fullmatch(name):
            raise UserRefused(f"{name!r}: 2 to 64 of a-z, 0-9, point, underscore and hyphen")
        if not scopes:
            raise UserRefused("a user needs a scope")
        if member == VENUE and Scope.TRADE in scopes:
            raise UserRefused("an operator belongs to no member: he cannot trade")
        kept = hashed(password) if is_demo else _hashed(name, password)
        with self._store.changing() as connection:
            if connection.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise UserRefused(f"there is a user {name} already")
            connection.execute(
                "INSERT INTO users (name, member, scopes, password_hash, state, created_ns, "
                "is_demo, legal_name, is_founder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, member, text_of(scopes), kept, state, now_ns, is_demo, legal_name,
                 is_founder),
            )  # fmt: skip
        return User(name, member, scopes, state, is_demo, legal_name, is_founder)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password, by which he is no demo user. Raises UserRefused."""
        self._change(name, {"password_hash": _hashed(name, password), "is_demo": 0})

    def set_state(self, name: str, state: State) -> None:
        """Set a user's state, whatever it was. Raises UserRefused."""
        self._change(name, {"state": state.value})

    def found_member(self, name: str) -> None:
        """Note that a user's application has made his member. Raises UserRefused."""
        self._change(name, {"is_founder": 1})

    def act(self, name: str, act: Act) -> User:
        """Do something about a user; he as he is then. Raises UserRefused."""
        user = self.get(name)
        if user is None:
            raise UserRefused(f"there is no user {name}")
        try:
            self.set_state(name, after(user.state, act))
        except NotInThisState as error:
            raise UserRefused(str(error)) from error
        found = self.get(name)
        assert found is not None
        return found

    def _change(self, name: str, values: dict[str, str | int]) -> None:
        columns = ", ".join(f"{column} = ?" for column in values)  # our own names
        with self._store.changing() as connection:
            query = f"UPDATE users SET {columns} WHERE name = ?"
            if connection.execute(query, (*values.values(), name)).rowcount != 1:
                raise UserRefused(f"there is no user {name}")

    def get(self, name: str) -> User | None:
        """The user; None: there is none."""
        state = self._store.state()
        if state != self._kept_of:
            self._kept, self._kept_of = {}, state
        kept = self._kept  # another thread that sees a change begins another one
        if name not in kept:
            row = self._store.row("SELECT * FROM users WHERE name = ?", (name,))
            if row is None:
                return None
            kept[name] = _user(row)
        return kept[name]

    def all(self) -> list[User]:
        """All users, by name."""
        return [_user(row) for row in self._store.rows("SELECT * FROM users ORDER BY name")]

    def may_log_in(self, user: User | None) -> bool:
        """Whether there is such a user, and his tokens and keys are good now."""
        return (
            user is not None
            and user.state is State.ACTIVE
            and (self._takes_demo or not user.is_demo)
        )

    def checked(self, name: str, password: str) -> User | None:
        """The user whose password this is, if he may log in; takes as long for who is none."""
        row = self._store.row("SELECT * FROM users WHERE name = ?", (name,))
        if not is_right(None if row is None else row["password_hash"], password):
            return None
        user = self.get(name)
        return user if self.may_log_in(user) else None

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
        if row is None or user is None or not self.may_log_in(user):
            return None
        return ApiKey(key, user, row["secret"], scopes_of(row["scopes"]) & user.scopes)

    def keys_of(self, user: User) -> list[sqlite3.Row]:
        """The good keys of a user, without their secrets: key, scopes, label, created_ns."""
        return self._store.rows(
            "SELECT key, scopes, label, created_ns FROM api_keys "
            "WHERE user = ? AND revoked_ns IS NULL ORDER BY created_ns",
            (user.name,),
        )

    def revoke_key(self, user: User, key: str, now_ns: int) -> bool:
        """End a key of this user. False: he has none of that name that is good."""
        with self._store.changing() as connection:
            done = connection.execute(
                "UPDATE api_keys SET revoked_ns = ? "
                "WHERE key = ? AND user = ? AND revoked_ns IS NULL",
                (now_ns, key, user.name),
            )
            return done.rowcount == 1


def _user(row: sqlite3.Row) -> User:
    return User(
        row["name"],
        row["member"],
        scopes_of(row["scopes"]),
        State(row["state"]),
        bool(row["is_demo"]),
        row["legal_name"],
        bool(row["is_founder"]),
    )


def _hashed(name: str, password: str) -> str:
    fault = password_fault(name, password)
    if fault:
        raise UserRefused(fault)
    return hashed(password)
