"""A venue of a test's own, raw messages at its door, and what its operator is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fix.restart import STAYS
from tests.fix_client import FixClient
from tests.fix_message import Field, frame, new_order, sending_time
from tests.running import RunningTrading
from venue.admin.client import call

BUY, SELL = "1", "2"
FREE = ("fix.logons_per_minute=1000000", "fix.lockout_failures=1000000")


@contextmanager
def unbroken(data_dir: Path) -> Iterator[RunningTrading]:
    """A trading process without bounds on logons, which has raised nothing in the end."""
    with RunningTrading(data_dir, *FREE) as running:
        yield running
        assert running.is_running
        assert "Traceback" not in running.log()
        assert not (running.data_dir / "incidents").exists()


def raw(session: str, msg_type: str, number: int, body: list[Field], **header: str) -> bytes:
    """A message; `header` replaces or adds header fields by tag."""
    fields = {35: msg_type, 34: str(number), 49: session, 52: sending_time(), 56: "VENUE"}
    fields |= {int(name[1:]): value for name, value in header.items()}
    return frame([*((tag, value) for tag, value in fields.items() if value), *body])


def row(venue: RunningTrading, session: str) -> dict[str, object]:
    """What the operator is shown of a session."""
    rows = call(venue.data_dir, {"query": "sessions"})["sessions"]
    return next(each for each in rows if each["session"] == session)


def fill_due(venue: RunningTrading) -> FixClient:
    """ALPHA, logged out cleanly, whose order is filled afterwards."""
    alpha, bravo = venue.client("ALPHA"), venue.client("BRAVO")
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("a1", BUY, "10", "100.00"))
    alpha.expect_report("a1", "0")
    alpha.logout()
    bravo.logon()
    bravo.send("D", new_order("b1", SELL, "4", "100.00"))
    bravo.expect_report("b1", "F")
    return alpha
