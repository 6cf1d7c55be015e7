"""The secrets of FIX sessions: passwords and public keys are checked, changed and kept here.

Blocks (a hash takes 30 ms, a change syncs a file): for a worker thread, never the loop of trading.
Must never log or raise a secret. The operator sees `why`; the member sees a code in capitals.
"""

import hmac
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from venue.clock import Clock
from venue.data_directory import DataDirectory
from venue.fix.credentials_file import (
    NO_FILE,
    KeptKey,
    KeptPassword,
    Record,
    locked,
    read_credentials,
    stamp_of,
    write_credentials,
)
from venue.fix.overlap import ending, said, valid
from venue.fix.passwords import HashDamaged, hashed, matches, weakness
from venue.fix.signature import WINDOW_NS, Signature, verifies
from venue.settings.configuration_error import ConfigurationError
from venue.settings.sections import DEMO_PASSWORD

_log = structlog.get_logger("credentials")
NO_RECORD = Record()


@dataclass(frozen=True, slots=True)
class Password:
    """A password as it came; its text is in no repr."""

    text: str = field(repr=False)


Secret = Password | Signature


class Verdict(NamedTuple):
    """The verdict on a secret. why: for the operator. must_change: it only allows its change."""

    accepted: bool
    why: str
    must_change: bool = False


class UserStatus(IntEnum):
    """UserStatus(926) of FIX 4.4."""

    LOGGED_IN = 1
    NOT_LOGGED_IN = 2
    USER_NOT_RECOGNISED = 3
    PASSWORD_INCORRECT = 4
    PASSWORD_CHANGED = 5
    OTHER = 6


class Outcome(NamedTuple):
    """The outcome of a change. text: a code in capitals and a sentence, for whoever asked."""

    status: UserStatus
    text: str

    @property
    def changed(self) -> bool:
        """Whether the new secret is in force, on disk."""
        return self.status is UserStatus.PASSWORD_CHANGED


class Credentials:
    """The store. A change replaces it as a whole: readers never see half of one.

    Every process at whose port sessions log on has one. Each reads what another has changed, and
    changes the store while no other does. demo: sessions with the demo password, which counts while
    the store has no password of theirs; public_keys: those of the configuration, beside the
    store's. overlap_ns: how long an old password or key is still taken after a change.
    """

    def __init__(
        self,
        data_dir: Path,
        demo: Collection[str] = (),
        public_keys: Mapping[str, bytes] | None = None,
        overlap_ns: int = 0,
        now_ns: Callable[[], int] | None = None,
    ) -> None:
        """Read the store. Raises ConfigurationError when it cannot be read."""
        self._path = DataDirectory(data_dir).credentials
        self._stamp = stamp_of(self._path)
        self._records = read_credentials(self._path)
        self._demo = frozenset(demo)
        self._configured_keys = dict(public_keys or {})
        self._overlap_ns = overlap_ns
        self._now_ns = now_ns or Clock().now_ns
        self._used: dict[bytes, int] = {}
        self._changing = threading.RLock()

    def has_any(self, session: str) -> bool:
        """Whether there is anything that `session` could log on with."""
        self._look()
        record = self._records.get(session, NO_RECORD)
        kept = record.passwords or record.public_keys
        return bool(kept) or session in self._demo or session in self._configured_keys

    def has_key(self, session: str) -> bool:
        """Whether `session` may log on by signature."""
        self._look()
        kept = self._records.get(session, NO_RECORD).public_keys
        return bool(kept) or session in self._configured_keys

    def configure(self, demo: Collection[str], public_keys: Mapping[str, bytes]) -> None:
        """Use a changed configuration from now on; the store stays as it is."""
        self._demo, self._configured_keys = frozenset(demo), dict(public_keys)

    def check(self, session: str, secret: Secret) -> Verdict:
        """Whether `secret` lets `session` in, now. Two hashes at most."""
        self._look()
        try:
            if isinstance(secret, Signature):
                return self._check_signature(session, secret)
            return self._check_password(session, secret.text)
        except HashDamaged as error:
            return Verdict(False, f"{self._path} is damaged: {error}")

    def change_password(self, session: str, old: Password, new: Password) -> Outcome:
        """The member chooses another password: `old` has to be right."""
        verdict = self.check(session, old)
        if not verdict.accepted:
            return Outcome(UserStatus.PASSWORD_INCORRECT, "PASSWORD_INCORRECT it was not changed")
        # a password that only allows its change is used up by the change
        overlap_ns = 0 if verdict.must_change else self._overlap_ns
        return self._put_password(
            session, new, overlap_ns, must_change=False, dry_run=False, by_itself=True
        )

    def set_password(
        self,
        session: str,
        new: Password,
        *,
        at_once: bool = False,
        must_change: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """The operator sets a password; at_once: the old one ends now, not after the overlap.

        must_change: the member has to choose another before it trades. dry_run: change nothing.
        """
        overlap_ns = 0 if at_once else self._overlap_ns
        return self._put_password(
            session, new, overlap_ns, must_change=must_change, dry_run=dry_run
        )

    def set_key(
        self, session: str, key: bytes, *, at_once: bool = False, dry_run: bool = False
    ) -> Outcome:
        """The operator sets the Ed25519 public key (32 bytes) of a session."""
        with self._alone():
            now_ns = self._now_ns()
            record = self._records.get(session, NO_RECORD)
            if any(kept.key == key for kept in valid(record.public_keys, now_ns)):
                return Outcome(UserStatus.OTHER, "KEY_IN_USE the session has this key already")
            until_ns = now_ns if at_once else now_ns + self._overlap_ns
            before = ending(record.public_keys, until_ns, now_ns)
            keys = (KeptKey(key), *before)
            changed = msgspec.structs.replace(record, public_keys=keys)
            return self._keep(session, changed, said("KEY_CHANGED", before, now_ns), dry_run)

    def forget(self, session: str) -> None:
        """Remove the secrets of a removed session, so that a later one of its name has none.

        Raises OSError when the store cannot be written.
        """
        with self._alone():
            if session in self._records:
                records = {name: each for name, each in self._records.items() if name != session}
                write_credentials(self._path, records)
                self._records = records

    def _look(self) -> None:
        """Read the store again if another process has changed it; one that is gone still counts."""
        stamp = stamp_of(self._path)
        if stamp in (self._stamp, NO_FILE):
            return
        try:
            self._records = read_credentials(self._path)
        except ConfigurationError as error:
            _log.error("the store of credentials is as it was before", error=str(error))
        self._stamp = stamp

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Change the store, from what it has now, while no other thread or process does."""
        with self._changing, locked(self._path.parent):
            self._look()
            yield

    def _check_password(self, session: str, given: str) -> Verdict:
        record = self._records.get(session, NO_RECORD)
        if not record.passwords:
            if session not in self._demo:
                return Verdict(False, "the session has no password: venue session password")
            right = hmac.compare_digest(given.encode(errors="surrogateescape"), _DEMO)
            return Verdict(right, "" if right else _wrong(given))
        for kept in valid(record.passwords, self._now_ns()):
            if matches(kept.hash, given):
                return Verdict(True, "", kept.must_change)
        return Verdict(False, _wrong(given))

    def _check_signature(self, session: str, signed: Signature) -> Verdict:
        now_ns = self._now_ns()
        off_ns = abs(now_ns - signed.sending_time_ns)
        if off_ns > WINDOW_NS:
            return Verdict(False, f"SendingTime(52) of the signature is {off_ns / 1e9:.1f} s off")
        record = self._records.get(session, NO_RECORD)
        keys = [kept.key for kept in valid(record.public_keys, now_ns)]
        keys += [self._configured_keys[session]] if session in self._configured_keys else []
        if not keys:
            return Verdict(False, "the session has no public key")
        if not any(verifies(key, signed) for key in keys):
            return Verdict(False, "the signature in RawData(96) is wrong")
        with self._changing:
            self._used = {each: until for each, until in self._used.items() if until > now_ns}
            if signed.payload in self._used:
                return Verdict(False, "the signed Logon was used before: somebody sent it again")
            self._used[signed.payload] = now_ns + 2 * WINDOW_NS
        return Verdict(True, "")

    def _put_password(
        self,
        session: str,
        new: Password,
        overlap_ns: int,
        *,
        must_change: bool,
        dry_run: bool,
        by_itself: bool = False,
    ) -> Outcome:
        why = weakness(new.text, "session", session)
        if why is not None:
            return Outcome(UserStatus.OTHER, why)
        with self._alone():
            now_ns = self._now_ns()
            record = self._records.get(session, NO_RECORD)
            try:
                if any(matches(each.hash, new.text) for each in valid(record.passwords, now_ns)):
                    return Outcome(
                        UserStatus.OTHER, "PASSWORD_IN_USE it is one of the current passwords"
                    )
            except HashDamaged as error:  # a new one mends it
                _log.warning("a kept password is damaged", session=session, error=str(error))
            until_ns = now_ns + overlap_ns
            before = ending(record.passwords, until_ns, now_ns)
            passwords = (KeptPassword(hashed(new.text), 0, must_change), *before)
            chosen_ns = record.chosen_at(now_ns) if by_itself else record.chosen_ns
            changed = Record(passwords, record.public_keys, chosen_ns)
            return self._keep(session, changed, said("PASSWORD_CHANGED", before, now_ns), dry_run)

    def _keep(self, session: str, record: Record, done: str, dry_run: bool) -> Outcome:
        """Write the store with a session's new record, then let it count."""
        outcome = Outcome(UserStatus.PASSWORD_CHANGED, done)
        if dry_run:
            return outcome
        records = {**self._records, session: record}
        try:
            write_credentials(self._path, records)
        except OSError as error:
            _log.error("a change of credentials was not kept", session=session, error=str(error))
            return Outcome(UserStatus.OTHER, "CHANGE_NOT_KEPT it was not changed: try again")
        self._records = records
        return outcome


_DEMO = DEMO_PASSWORD.encode()


def _wrong(given: str) -> str:
    return "Password(554) is wrong" if given else "Password(554) is missing"
