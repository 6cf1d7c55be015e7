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
        """Tell what another process has ended, until `stop` is set."""
        version, since_ns = self._store.version(), time.time_ns()
        told: dict[str, int] = {}
        outside = self._may_not()
        tidy_at = 0.0
        while not await wait_for_stop(stop, WATCH_SECONDS):
            if time.monotonic() >= tidy_at:
                self.tidy(time.time_ns())
                tidy_at = time.monotonic() + _TIDY_SECONDS
            now = self._store.version()
            if now == version:
                continue
            version = now
            for row in self._store.rows(
                "SELECT family, user, revoked_ns FROM families WHERE revoked_ns >= ?", (since_ns,)
            ):
                if row["family"] not in told:
                    told[row["family"]] = row["revoked_ns"]
                    self._hub.tell(Topic.LOGINS, row["user"], row["family"])
            since_ns = max([since_ns, *told.values()])
            told = {family: at for family, at in told.items() if at >= since_ns}
            are_out = self._may_not()
            for name in sorted(are_out - outside):
                self._hub.tell(Topic.LOGINS, name, "")
            outside = are_out

    def _may_not(self) -> set[str]:
        return {user.name for user in self._users.all() if not self._users.may_log_in(user)}
