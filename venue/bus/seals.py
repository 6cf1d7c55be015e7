"""Seals: the publisher signs what it publishes, for consumers that cannot compare with the journal.

A seal stands in the headers of the last message of each window: event_seq of the window's first
event, and Ed25519 over the numbers and payloads of all of them. May know keys and the stream's
messages; keeps no position.
"""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from venue.bus.agreement import StreamDisagrees
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

    @property
    def public_key(self) -> str:
        """In base64, as the setting nats.publisher_key has it."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def headers(self, first: int, payloads: Sequence[bytes]) -> str:
        """The header line of the window's last message."""
        assert 0 < len(payloads) <= MOST_IN_A_WINDOW
        signature = base64.b64encode(self._key.sign(_signed(first, payloads))).decode()
        return f"Venue-Seal: {first} {signature}\r\n"


class SealCheck:
    """Lets messages pass once they are sealed, in their order. key: the publisher's, 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(key)
        self._waiting: list[Pulled] = []

    def passed(self, pulled: Sequence[Pulled]) -> list[Pulled]:
        """The messages that are sealed now; those of a window that began before them are left out.

        Raises StreamDisagrees where a seal is wrong, or there is none for a whole window.
        """
        sealed: list[Pulled] = []
        for message in pulled:
            number = message.number
            if number is None or (self._waiting and number != self._next_number):
                self._waiting.clear()
            if number is None:
                continue
            self._waiting.append(message)
            seal = _SEAL.search(message.head)
            if seal is not None:
                sealed += self._opened(int(seal[1]), base64.b64decode(seal[2]))
                self._waiting.clear()
            elif len(self._waiting) > MOST_IN_A_WINDOW:
                raise StreamDisagrees(
                    f"event {self._waiting[0].number} of stream {STREAM} and those behind it have "
                    f"no seal: set nats.seal where the publisher runs; {_MEND}"
                )
        return sealed

    @property
    def _next_number(self) -> int:
        number = self._waiting[-1].number
        assert number is not None
        return number + 1

    def _opened(self, first: int, signature: bytes) -> list[Pulled]:
        """The window that this seal is of; nothing where its beginning came before."""
        window = [each for each in self._waiting if (each.number or 0) >= first]
        if not window or window[0].number != first:
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
