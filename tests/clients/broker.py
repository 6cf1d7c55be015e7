"""What every client in these tests can do, whatever library speaks FIX for it.

Knows orders and reports as fields; knows no library. Each library's file says how it is driven.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

SESSION, VENUE, PASSWORD = "ALPHA", "VENUE", "demo"
HEARTBEAT_SECONDS = 30
WAIT_SECONDS = 30.0
"""Libraries that look at their socket once a second need several turns for a resend."""

Fields = dict[int, str]


class Broker(ABC):
    """A session of ALPHA's that keeps its numbers for the whole test.

    `reports` holds the ExecutionReports that the library has given its application, in order.
    """

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        """Connects to `address`; may keep files in `directory`. Nothing is sent yet."""
        self.address = address
        self.directory = directory
        self.reports: list[Fields] = []

    @abstractmethod
    def log_on(self) -> None:
        """Connect and log on with the numbers that it has; back when the venue has answered."""

    @abstractmethod
    def send_order(self, fields: Fields) -> None:
        """Send a NewOrderSingle(D) with these body fields."""

    @abstractmethod
    def log_out(self) -> None:
        """Log out; back when the venue has answered and the connection is closed."""

    @abstractmethod
    def lose(self) -> None:
        """The venue has died: back when the library has noticed."""

    @abstractmethod
    def close(self) -> None:
        """Stop what is left of it."""

    @abstractmethod
    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Let the library work until `happened`; AssertionError after WAIT_SECONDS."""

    def expect(self, cl_ord_id: str, exec_type: str, count: int = 1) -> Fields:
        """The application's `count`th report with this ClOrdID and ExecType."""

        def told() -> list[Fields]:
            return [r for r in self.reports if (r[11], r[150]) == (cl_ord_id, exec_type)]

        self.wait_for(lambda: len(told()) >= count)
        return told()[count - 1]
