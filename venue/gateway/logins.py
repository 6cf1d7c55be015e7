"""Logins of users: which there are, how they end, and that who listens is told of it.

Knows tokens and the hub. A user is blocked by `venue user` in another process: the store's version
says that something has changed, and what has ended is told then, within WATCH_SECONDS.
"""

import asyncio
import time

import msgspec

from venue.bus.connection import wait_for_stop
from venue.gateway.hub import Hub, Topic
from venue.gateway.store import Store
from venue.gateway.tokens import ACCESS_SECONDS, REFRESH_SECONDS, Tokens
from venue.gateway.users import Users

WATCH_SECONDS = 0.25
OVERLAP_SECONDS = 10
"""How much earlier than others what is written later may have ended."""
_TIDY_SECONDS = 3600.0
_NS = 1_000_000_000


class Login(msgspec.Struct, frozen=True):
    """A login of a user. id: ends it. client: the API key that it was made with; empty: by
    password. used_ns: when its last tokens were given out (UTC nanoseconds)."""

    id: str
    client: str
    scopes: str
    since_ns: int
    used_ns: int
    is_this: bool


class Logins:
    """The logins of one store."""

    def __init__(self, store: Store, users: Users, tokens: Tokens, hub: Hub) -> None:
        self._store = store
        self._users = users
        self._tokens = tokens
        self._hub = hub
        self._version = store.version()
        self._since_ns = time.time_ns()
        self._told: dict[str, int] = {}
        """When families ended that were told, as far as they may be read again."""
        self._outside = self._may_not()

    def of(self, user: str, family: str, now_ns: int) -> list[Login]:
        """A user's logins that have not ended, the newest first. family: of who asks."""
        rows = self._store.rows(
            "SELECT family, client, scopes, created_ns, "
            "(SELECT max(expires_ns) FROM refresh_tokens t WHERE t.family = f.family) AS expires "
            "FROM families f WHERE user = ? AND revoked_ns IS NULL ORDER BY created_ns DESC",
            (user,),
        )
        found = []
        for row in rows:
            refreshes = row["expires"] is not None
            used_ns = row["expires"] - REFRESH_SECONDS * _NS if refreshes else row["created_ns"]
            if used_ns + (REFRESH_SECONDS if refreshes else ACCESS_SECONDS) * _NS <= now_ns:
                continue
            found.append(
                Login(
                    row["family"], row["client"], row["scopes"], row["created_ns"], used_ns,
                    row["family"] == family,
                )
            )  # fmt: skip
        return found

    def end(self, user: str, family: str, now_ns: int) -> bool:
        """End a login of this user. False: he has none of that id that is good."""
        row = self._store.row(
            "SELECT 1 FROM families WHERE family = ? AND user = ? AND revoked_ns IS NULL",
            (family, user),
        )
        if row is None:
            return False
        self._tokens.end(family, now_ns)
        return True

    def tidy(self, now_ns: int) -> None:
        """Forget logins whose refresh tokens have all expired."""
        with self._store.changing() as connection:
            connection.execute("DELETE FROM refresh_tokens WHERE expires_ns <= ?", (now_ns,))
            connection.execute(
                "DELETE FROM families WHERE created_ns <= ? AND NOT EXISTS "
                "(SELECT 1 FROM refresh_tokens t WHERE t.family = families.family)",
                (now_ns - REFRESH_SECONDS * _NS,),
            )

    async def watch(self, stop: asyncio.Event) -> None:
        """Tell what another process has ended since this was made, until `stop` is set."""
        tidy_at = 0.0
        while not await wait_for_stop(stop, WATCH_SECONDS):
            if time.monotonic() >= tidy_at:
                self.tidy(time.time_ns())
                tidy_at = time.monotonic() + _TIDY_SECONDS
            version = self._store.version()
            if version != self._version:
                self._version = version
                self._tell_what_has_ended()

    def _tell_what_has_ended(self) -> None:
        rows = self._store.rows(
            "SELECT family, user, revoked_ns FROM families WHERE revoked_ns >= ?",
            (self._since_ns,),
        )
        for row in rows:
            if row["family"] not in self._told:
                self._told[row["family"]] = row["revoked_ns"]
                self._hub.tell(Topic.LOGINS, row["user"], row["family"])
        latest_ns = max([self._since_ns, *self._told.values()])
        self._since_ns = max(self._since_ns, latest_ns - OVERLAP_SECONDS * _NS)
        self._told = {each: at for each, at in self._told.items() if at >= self._since_ns}
        outside = self._may_not()
        for name in sorted(outside - self._outside):
            self._hub.tell(Topic.LOGINS, name, "")
        self._outside = outside

    def _may_not(self) -> set[str]:
        return {user.name for user in self._users.all() if not self._users.may_log_in(user)}
