"""Seals: the publisher signs what it publishes, for consumers that cannot compare with the journal.

A seal stands in the headers of the last message of each window: event_seq of the first event that
it covers, and Ed25519 over the numbers and payloads of all up to its own. Where a window may have
broken off, the next seal covers what is stored of it, too. May know keys, the journal's cursor and
the stream's messages; keeps no position.
"""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from venue.bus.agreement import EventSource, JournalNotShown, StreamDisagrees
from venue.bus.event_pull import Pulled
from venue.bus.subjects import STREAM
from venue.journal.files import replace

MOST_IN_A_WINDOW = 500
_SEAL = re.compile(rb"\r\nVenue-Seal:[ \t]*(\d{1,19}) ([A-Za-z0-9+/]{86}==)[ \t]*\r\n")
_MEND = "venue dropcopy refill wipes the stream and fills it again"


def key_of(text: str | None) -> bytes | None:
    """The 32 bytes of a public key in base64, of themselves or of their DER form."""
    return None if text is None else base64.b64decode(text)[-32:]


class Sealer:
    """Signs windows with the key in a file of its owner's alone, which is made at the first use."""

    def __init__(self, key_file: Path) -> None:
        if not key_file.exists():
            replace(key_file, os.urandom(32), durably=True)
        self._key = Ed25519PrivateKey.from_private_bytes(key_file.read_bytes())
        self._before: list[bytes] = []
        """Payloads of events in the stream that may have no seal; the next window's covers them."""

    @property
    def public_key(self) -> str:
        """In base64, as the setting nats.publisher_key has it."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    @property
    def is_behind(self) -> bool:
        """Whether the next window has to be one event, so that its seal is stored or it is not."""
        return bool(self._before)

    def go_on_after(self, source: EventSource, first: int, last: int) -> None:
        """Go on behind event `last` of a stream, whose window may have broken off.

        first: the oldest event that the source has. The source's cursor is behind `last` then.
        """
        first = max(first, last - MOST_IN_A_WINDOW + 2)
        self._before.clear()
        source.seek(first)
        while (missing := last - first + 1 - len(self._before)) > 0:
            events = source.read(missing)
            if not events:
                raise JournalNotShown
            self._before += [event.payload for event in events]

    def headers(self, first: int, payloads: Sequence[bytes]) -> str:
        """The header line of the window's last message."""
        covered = [*self._before, *payloads]
        first -= len(self._before)
        self._before.clear()
        assert 0 < len(covered) <= MOST_IN_A_WINDOW
        signature = base64.b64encode(self._key.sign(_signed(first, covered))).decode()
        return f"Venue-Seal: {first} {signature}\r\n"


class SealCheck:
    """Lets messages pass once they are sealed, in their order. key: the publisher's, 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(key)
        self._latest: list[Pulled] = []
        """The newest messages, numbered without a gap: a seal may cover some that have passed."""
        self._passed = 0
        """Number of the last message that has passed, or that no later seal can let pass."""
        self.waiting = 0
        """So many messages wait for their seal."""

    def passed(self, pulled: Sequence[Pulled]) -> list[Pulled]:
        """The messages that are sealed now; those of a window that began before them are left out.

        Raises StreamDisagrees where a seal is wrong, or there is none for a whole window.
        """
        sealed: list[Pulled] = []
        for message in pulled:
            number = message.number
            if number is None or (self._latest and number - 1 != self._latest[-1].number):
                self._latest.clear()
                self.waiting = 0
            if number is None:
                continue
            self._latest.append(message)
            self.waiting += 1
            seal = _SEAL.search(message.head)
            if seal is not None:
                window = self._opened(int(seal[1]), base64.b64decode(seal[2]))
                sealed += [each for each in window if (each.number or 0) > self._passed]
                self._passed, self.waiting = number, 0
                del self._latest[: -MOST_IN_A_WINDOW + 1]
            elif self.waiting > MOST_IN_A_WINDOW:
                first = self._latest[-self.waiting].number
                raise StreamDisagrees(
                    f"event {first} of stream {STREAM} and those behind it have no seal: "
                    f"set nats.seal where the publisher runs; {_MEND}"
                )
        return sealed

    def _opened(self, first: int, signature: bytes) -> list[Pulled]:
        """The window that this seal is of; nothing where its beginning came before."""
        window = [each for each in self._latest if (each.number or 0) >= first]
        if window[0].number != first:
            return []
        try:
            self._key.verify(signature, _signed(first, [each.data for each in window]))
        except InvalidSignature as error:
            raise StreamDisagrees(
                f"events {first} to {window[-1].number} of stream {STREAM} are not what the "
                f"publisher with nats.publisher_key has sealed; {_MEND}"
            ) from error
        return window


def _signed(first: int, payloads: Sequence[bytes]) -> bytes:
    digest = hashlib.sha256()
    for payload in payloads:
        digest.update(b"%d\n%b" % (len(payload), payload))
    return b"venue window %d %d %b" % (first, len(payloads), digest.digest())
