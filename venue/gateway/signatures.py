"""Requests that a robot signs with its API key: HMAC-SHA256 over time, method, path and body.

Pure but for what it remembers: a signature is taken once (replay), and only near its time.
"""

import hashlib
import hmac
from collections import deque

from venue.gateway.users import ApiKey

KEY, TIMESTAMP, SIGNATURE = "venue-key", "venue-timestamp", "venue-signature"
"""Names of the headers."""
WINDOW_MS = 5_000


class SignatureRefused(Exception):
    """A signed request is not good; text says why, for the log."""


class Signatures:
    """Checks signatures, each once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._in_order: deque[tuple[int, str]] = deque()

    def check(
        self, key: ApiKey, timestamp: str, signature: str, method: str, path: str, body: bytes,
        now_ms: int,
    ) -> None:  # fmt: skip
        """Raise SignatureRefused unless it is the key's, near its time, and comes the first time.

        path: with its query, as it was asked for.
        """
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
            raise SignatureRefused("its time is no number of milliseconds")
        if abs(now_ms - int(timestamp)) > WINDOW_MS:
            raise SignatureRefused(f"its time is {int(timestamp) - now_ms} ms off")
        right = sign(key.secret, timestamp, method, path, body)
        if not hmac.compare_digest(right.encode(), signature.encode(errors="surrogateescape")):
            raise SignatureRefused("it is another one")
        while self._in_order and self._in_order[0][0] < now_ms - 2 * WINDOW_MS:
            self._seen.discard(self._in_order.popleft()[1])
        if signature in self._seen:
            raise SignatureRefused("it was used before")
        self._seen.add(signature)
        self._in_order.append((now_ms, signature))


def sign(secret: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """The signature, as lower-case hexadecimal digits."""
    said = f"{timestamp}\n{method}\n{path}\n".encode() + body
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
