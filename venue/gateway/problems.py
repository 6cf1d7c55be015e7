"""What the gateway answers when it does not do what was asked: one shape for all errors.

Knows nothing of HTTP but the status codes (RFC 9110).
"""

from enum import StrEnum


class Code(StrEnum):
    """The gateway's own codes. REFUSED: by the venue, whose own code stands beside."""

    BAD_REQUEST = "BAD_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    REFUSED = "REFUSED"
    TOO_MANY = "TOO_MANY"
    AWAY = "AWAY"
    FATE_UNKNOWN = "FATE_UNKNOWN"


STATUS = {
    Code.BAD_REQUEST: 400,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.CONFLICT: 409,
    Code.REFUSED: 422,
    Code.TOO_MANY: 429,
    Code.AWAY: 503,
    Code.FATE_UNKNOWN: 504,
}
"""HTTP status of each code."""


class Problem(Exception):
    """code: the gateway's; venue_code: of a refusal by the venue; field: what was wrong with.

    retry_after: seconds after which it may be tried again; None: nothing is said of that.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        field: str = "",
        venue_code: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.venue_code = venue_code
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def told(self) -> dict[str, str]:
        """The body, without what says nothing."""
        found = {
            "code": self.code.value,
            "message": self.message,
            "field": self.field,
            "venue_code": self.venue_code,
        }
        return {name: text for name, text in found.items() if text}
