"""Access tokens (JWT, RFC 7519, signed Ed25519, RFC 9864) and refresh tokens that rotate.

Knows the store and joserfc. A family is what one login leads to: its refresh tokens follow each
other, and one that is used twice ends all of it (RFC 9700, 4.14.2). Access tokens live minutes; a
family that was ended is refused at once.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from venue.gateway.scopes import Scope, scopes_of, text_of
from venue.gateway.store import Store
from venue.gateway.users import User, Users

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
"""Of an access token (RFC 9068)."""
ISSUER = "venue"
ACCESS_SECONDS = 600
REFRESH_SECONDS = 30 * 24 * 3600
LEEWAY_SECONDS = 5
PROVEN_MAX = 10_000
"""Tokens whose signature need not be looked at again: it takes some 0.4 ms."""
_NS = 1_000_000_000
Told = Callable[[str, str], None]
"""Hears of which user a family has ended, and which."""


class TokenRefused(Exception):
    """A token is not good; text says why, for the log and not for who showed it."""


class Access(NamedTuple):
    """What a good access token says. family: what login it is of. expires: seconds since 1970.

    client: the API key that the login was made with; empty: by password.
    """

    user: User
    scopes: frozenset[Scope]
    family: str
    expires: int
    client: str


class Proven(NamedTuple):
    """What a token says whose signature was found right; the rest is looked at each time."""

    user: str
    scopes: frozenset[Scope]
    family: str
    expires: int
    client: str


class Issued(NamedTuple):
    """A pair of tokens. refresh: empty where none is given."""

    access: str
    refresh: str
    scopes: frozenset[Scope]


class Tokens:
    """Issues, checks and ends the tokens of one store."""

    def __init__(self, store: Store, users: Users, told: Told = lambda user, family: None) -> None:
        self._store = store
        self._users = users
        self._told = told
        self._version = 0
        self._keys = KeySet([])
        self._kid = ""
        self._ended: set[str] = set()
        self._proven: dict[str, Proven] = {}

    def open(self, now_ns: int) -> None:
        """Read the keys and what has ended, and make the first key. To be called once."""
        self._version = self._store.version()
        self._proven.clear()
        rows = self._store.rows("SELECT * FROM signing_keys ORDER BY created_ns")
        if not any(row["retired_ns"] is None for row in rows):
            self.rotate(now_ns)
            return
        good = [
            row
            for row in rows
            if row["retired_ns"] is None or now_ns - row["retired_ns"] < ACCESS_SECONDS * _NS
        ]
        self._keys = KeySet([OKPKey.import_key(json.loads(row["private"])) for row in good])
        self._kid = next(row["kid"] for row in reversed(good) if row["retired_ns"] is None)
        # the access tokens of those that ended before have all expired
        still = now_ns - (ACCESS_SECONDS + LEEWAY_SECONDS) * _NS
        ended = self._store.rows("SELECT family FROM families WHERE revoked_ns >= ?", (still,))
        self._ended = {row["family"] for row in ended}

    def follow(self, now_ns: int) -> None:
        """Read anew what another process, such as `venue user`, has changed meanwhile."""
        if self._store.version() != self._version:
            self.open(now_ns)

    def rotate(self, now_ns: int) -> str:
        """Sign with a new key from now on; the old one still checks what it has signed. Its kid."""
        kid = secrets.token_urlsafe(9)
        told: Any = {"kid": kid, "use": "sig", "alg": ALGORITHM}
        key = OKPKey.generate_key("Ed25519", told)
        with self._store.changing() as connection:
            connection.execute(
                "UPDATE signing_keys SET retired_ns = ? WHERE retired_ns IS NULL", (now_ns,)
            )
            connection.execute(
                "INSERT INTO signing_keys VALUES (?, ?, ?, NULL)",
                (kid, json.dumps(key.as_dict(private=True)), now_ns),
            )
        self.open(now_ns)
        return kid

    def public_keys(self) -> dict[str, object]:
        """The keys that check tokens (JWKS, RFC 7517)."""
        return {"keys": self._keys.as_dict(private=False)["keys"]}

    def begin(
        self, user: User, scopes: frozenset[Scope], client: str, now_ns: int, *, refreshes: bool
    ) -> Issued:
        """Begin a family. client: the API key that asked; empty: the user himself."""
        family = secrets.token_urlsafe(18)
        with self._store.changing() as connection:
            connection.execute(
                "INSERT INTO families VALUES (?, ?, ?, ?, ?, NULL)",
                (family, user.name, client, text_of(scopes), now_ns),
            )
        refresh = self._refresh(family, now_ns) if refreshes else ""
        return Issued(self._access(user, scopes, family, client, now_ns), refresh, scopes)

    def refresh(self, token: str, now_ns: int) -> Issued:
        """The next pair of a family. Raises TokenRefused; one that was used before ends it."""
        digest = _digest(token)
        with self._store.changing() as connection:
            row = connection.execute(
                "SELECT * FROM refresh_tokens JOIN families USING (family) WHERE digest = ?",
                (digest,),
            ).fetchone()
            is_first = row is not None and row["used_ns"] is None
            if is_first:
                connection.execute(
                    "UPDATE refresh_tokens SET used_ns = ? WHERE digest = ?", (now_ns, digest)
                )
        if row is None:
            raise TokenRefused("no such refresh token")
        if not is_first:
            self.end(row["family"], now_ns)
            raise TokenRefused("a refresh token was used twice: its family has ended")
        user = self._users.get(row["user"])
        if row["revoked_ns"] is not None or row["expires_ns"] <= now_ns:
            raise TokenRefused("the refresh token has ended")
        if user is None or not self._users.may_log_in(user):
            raise TokenRefused("its user may not log in")
        scopes = scopes_of(row["scopes"]) & user.scopes
        family = row["family"]
        access = self._access(user, scopes, family, row["client"], now_ns)
        return Issued(access, self._refresh(family, now_ns), scopes)

    def end(self, family: str, now_ns: int) -> None:
        """End a family: all of its tokens, at once."""
        with self._store.changing() as connection:
            connection.execute(
                "UPDATE families SET revoked_ns = coalesce(revoked_ns, ?) WHERE family = ?",
                (now_ns, family),
            )
            row = connection.execute(
                "SELECT user FROM families WHERE family = ?", (family,)
            ).fetchone()
        self._ended.add(family)
        if row is not None:
            self._told(row["user"], family)

    def has_ended(self, family: str) -> bool:
        """Whether a family was ended."""
        return family in self._ended

    def family_of(self, token: str) -> str | None:
        """Of which family a refresh token is; None: there is no such token."""
        row = self._store.row(
            "SELECT family FROM refresh_tokens WHERE digest = ?", (_digest(token),)
        )
        return None if row is None else str(row["family"])

    def end_all_of(self, user: str, now_ns: int, but: str = "") -> list[str]:
        """End all families of a user, but for one. Returns those that were good."""
        rows = self._store.rows(
            "SELECT family FROM families WHERE user = ? AND revoked_ns IS NULL AND family <> ?",
            (user, but),
        )
        for row in rows:
            self.end(row["family"], now_ns)
        return [row["family"] for row in rows]

    def end_all_by(self, client: str, now_ns: int) -> None:
        """End all families that were made with this API key."""
        for row in self._store.rows(
            "SELECT family FROM families WHERE client = ? AND revoked_ns IS NULL", (client,)
        ):
            self.end(row["family"], now_ns)

    def checked(self, token: str, now_ns: int) -> Access:
        """What an access token says. Raises TokenRefused for one that is not good now."""
        self.follow(now_ns)
        proven = self._proven.get(token)
        if proven is None:
            proven = self._prove(token, now_ns)
            if len(self._proven) >= PROVEN_MAX:
                self._proven.clear()
            self._proven[token] = proven
        if now_ns // _NS >= proven.expires + LEEWAY_SECONDS:
            raise TokenRefused("it has expired")
        if proven.family in self._ended:
            raise TokenRefused("its family has ended")
        user = self._users.get(proven.user)
        if user is None or not self._users.may_log_in(user):
            raise TokenRefused("its user may not log in")
        scopes = proven.scopes & user.scopes
        return Access(user, scopes, proven.family, proven.expires, proven.client)

    def _prove(self, token: str, now_ns: int) -> Proven:
        """What a token says whose signature and claims are right. Raises TokenRefused."""
        try:
            found = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            claims = jwt.JWTClaimsRegistry(
                now=now_ns // _NS,
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": ISSUER},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                family={"essential": True},
                scope={"essential": True},
                client_id={"essential": True, "allow_blank": True},
            )
            claims.validate(found.claims)
            said = found.claims
            if found.header.get("typ") != TYPE:
                raise TokenRefused("it is no access token")
            return Proven(
                str(said["sub"]),
                scopes_of(said["scope"]),
                str(said["family"]),
                int(said["exp"]),
                str(said["client_id"]),
            )
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise TokenRefused(f"{type(error).__name__}: {error}") from error

    def _access(
        self, user: User, scopes: frozenset[Scope], family: str, client: str, now_ns: int
    ) -> str:
        self.follow(now_ns)
        now = now_ns // _NS
        claims = {
            "iss": ISSUER,
            "sub": user.name,
            "member": user.member,
            "scope": text_of(scopes),
            "family": family,
            "client_id": client,
            "jti": secrets.token_urlsafe(12),
            "iat": now,
            "exp": now + ACCESS_SECONDS,
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._kid}
        key = self._keys.get_by_kid(self._kid)
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def _refresh(self, family: str, now_ns: int) -> str:
        token = secrets.token_urlsafe(32)
        with self._store.changing() as connection:
            connection.execute(
                "INSERT INTO refresh_tokens VALUES (?, ?, ?, NULL)",
                (_digest(token), family, now_ns + REFRESH_SECONDS * _NS),
            )
        return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
