"""Who may operate the venue: identities are recognised, changed and kept here.

The Unix account that started the venue, and root, are admins unless the store says otherwise of
them. A change blocks (a hash takes 30 ms, the file is synced): for a worker thread, one at a time.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from venue.accounts import account_name
from venue.admin.caller import Caller
from venue.admin.operator_answers import OperatorRow
from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.domain.role import Role
from venue.fix.passwords import HashDamaged, hashed, matches, weakness
from venue.operators.operators_file import (
    KeptLogin,
    KeptOperator,
    read_operators,
    write_operators,
)

ROOT = 0
LOGIN_NS = 8 * 3_600 * 1_000_000_000
"""A login lasts a shift."""
MOST_LOGINS = 8
LONGEST_NAME = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_OVER = "this login is over: venue operator login NAME, or venue operator logout"


class NotChanged(Exception):
    """A change is refused; the text is one line for whoever asked."""


class Identity(NamedTuple):
    """Who asks. uid: the Unix account he asks from, whatever his own.

    Of who asks by the gateway: his own, for four eyes; None: he has none.
    """

    name: str
    role: Role
    uid: int | None


class Operators:
    """The store. A change replaces it as a whole: readers never see half of one."""

    def __init__(
        self,
        data_dir: Path,
        owner: int | None = None,
        now_ns: Callable[[], int] | None = None,
        *,
        by_gateway: bool = False,
    ) -> None:
        """Read the store. owner: uid of who runs the venue. Raises ConfigurationError.

        by_gateway: whether the gateway may ask on behalf of operators.
        """
        self._path = DataDirectory(data_dir).operators
        self._kept = read_operators(self._path)
        self._now_ns = now_ns or Clock().now_ns
        self._by_gateway = by_gateway
        accounts = {ROOT, os.geteuid() if owner is None else owner}
        self._built_in = {uid: account_name(uid) for uid in sorted(accounts)}

    def identify(self, caller: Caller) -> Identity | str:
        """Who it is, or why nobody who is known."""
        if caller.behalf is not None:
            return self._on_behalf(caller.behalf, caller.uid)
        if caller.token is not None:
            return self._logged_in(caller.token, caller.uid)
        for name, kept in self._kept.items():
            if kept.uid == caller.uid:
                return Identity(name, kept.role, caller.uid)
        if caller.uid in self._built_in:
            return Identity(self._built_in[caller.uid], Role.ADMIN, caller.uid)
        return (
            f"uid {caller.uid} is no operator of this venue: venue operator add by an admin, "
            "or venue operator login NAME"
        )

    def _on_behalf(self, name: str, uid: int) -> Identity | str:
        """Who asks by the gateway: an operator of the store, and nobody by his account alone."""
        if not self._by_gateway:
            return "nobody operates by the gateway: gateway.operators is off"
        if uid not in self._built_in:
            return f"uid {uid} is not the account of the gateway"
        kept = self._kept.get(name)
        if kept is None:
            return f"{name!r} is no operator of this venue: venue operator add"
        return Identity(name, kept.role, kept.uid)

    def rows(self) -> list[OperatorRow]:
        """All operators, those of the store first."""
        now_ns = self._now_ns()
        rows = [
            OperatorRow(
                name=name,
                role=kept.role,
                uid=kept.uid,
                has_password=bool(kept.password),
                logins=sum(login.until_ns > now_ns for login in kept.logins),
                built_in=False,
            )
            for name, kept in self._kept.items()
        ]
        rows += [
            OperatorRow(
                name=name, role=Role.ADMIN, uid=uid, has_password=False, logins=0, built_in=True
            )
            for uid, name in self._unchanged_accounts(self._kept).items()
        ]
        return rows

    def add(
        self, name: str, role: Role, uid: int | None, password: str, *, dry_run: bool
    ) -> KeptOperator:
        """Add an operator. Raises NotChanged, as all that changes the store."""
        if not _NAME.fullmatch(name):
            raise NotChanged(f"{name!r} is no name: 1 to 32 letters, digits, dots, - and _")
        if name in self._kept:
            raise NotChanged(f"there is an operator {name} already: venue operator role {name}")
        if uid is None and not password:
            raise NotChanged(f"{name} needs a Unix account or a password")
        holder = next((each for each, kept in self._kept.items() if kept.uid == uid), None)
        if uid is not None and holder is not None:
            raise NotChanged(f"uid {uid} is {holder}'s: one account, one operator")
        of_account = next((each for each, of in self._built_in.items() if of == name), None)
        if of_account is not None and of_account != uid:
            raise NotChanged(f"{name} is the account of uid {of_account}")
        hash_ = _hash(name, password) if password else ""
        return self._keep(name, KeptOperator(role, uid, hash_), dry_run)

    def remove(self, name: str, *, dry_run: bool) -> KeptOperator:
        """Remove an operator; his logins end."""
        kept = self._find(name)
        self._replace({each: of for each, of in self._kept.items() if each != name}, dry_run)
        return kept

    def set_role(self, name: str, role: Role, *, dry_run: bool) -> KeptOperator:
        """Give an operator another role, at once."""
        return self._keep(name, replace(self._find(name), role=role), dry_run)

    def set_password(self, name: str, password: str, *, dry_run: bool) -> KeptOperator:
        """Set an operator's password; his logins end."""
        kept = self._find(name)
        return self._keep(name, replace(kept, password=_hash(name, password), logins=()), dry_run)

    def log_in(self, name: str, password: str, uid: int) -> tuple[str, int]:
        """A new token, good for the account `uid` alone, and its end in UTC nanoseconds.

        Raises NotChanged for a wrong name or password.
        """
        kept = self._kept.get(name)
        if kept is None or not kept.password or not self._matches(kept.password, password):
            raise NotChanged("name or password is wrong")
        token, now_ns = secrets.token_urlsafe(32), self._now_ns()
        until_ns = now_ns + LOGIN_NS
        going_on = [login for login in kept.logins if login.until_ns > now_ns]
        logins = (KeptLogin(_digest(token), uid, until_ns), *going_on)[:MOST_LOGINS]
        self._keep(name, replace(kept, logins=logins), dry_run=False)
        return token, until_ns

    def log_out(self, token: str) -> None:
        """End the login of a token, if it goes on."""
        digest = _digest(token)
        for name, kept in self._kept.items():
            left = tuple(login for login in kept.logins if login.digest != digest)
            if left != kept.logins:
                self._keep(name, replace(kept, logins=left), dry_run=False)
                return

    def _logged_in(self, token: str, uid: int) -> Identity | str:
        digest, now_ns = _digest(token), self._now_ns()
        for name, kept in self._kept.items():
            for login in kept.logins:
                if login.digest == digest and login.uid == uid and login.until_ns > now_ns:
                    return Identity(name, kept.role, uid)
        return _OVER

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return matches(kept, password)
        except HashDamaged as error:
            raise NotChanged(f"{self._path} is damaged: {error}") from error

    def _find(self, name: str) -> KeptOperator:
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        if name in self._built_in.values():
            raise NotChanged(f"{name} is built in; venue operator add {name} gives it a role")
        raise NotChanged(f"operator {name} is unknown")

    def _keep(self, name: str, kept: KeptOperator, dry_run: bool) -> KeptOperator:
        self._replace({**self._kept, name: kept}, dry_run)
        return kept

    def _replace(self, kept: dict[str, KeptOperator], dry_run: bool) -> None:
        """Write the store, then let it count."""
        if not self._unchanged_accounts(kept) and not any(
            each.role is Role.ADMIN for each in kept.values()
        ):
            raise NotChanged("nobody would be admin any more")
        if dry_run:
            return
        try:
            write_operators(self._path, kept)
        except OSError as error:
            raise NotChanged(f"it was not kept: {error.strerror}") from error
        self._kept = kept

    def _unchanged_accounts(self, kept: dict[str, KeptOperator]) -> dict[int, str]:
        """Accounts that are admins by themselves: the store says nothing of them."""
        said = {each.uid for each in kept.values()}
        return {uid: name for uid, name in self._built_in.items() if uid not in said}


def _hash(name: str, password: str) -> str:
    why = weakness(password, "operator", name)
    if why is not None:
        raise NotChanged(why)
    return hashed(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
