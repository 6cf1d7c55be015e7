"""A message over which the venue breaks is kept, masked, and told; its session alone ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fix.frames import BODY, message
from venue.domain.outgoing import Kept, Outgoing
from venue.fix.connection import Connection
from venue.fix.decode import Decoded
from venue.fix.frame import Frame
from venue.fix.incidents import Incidents
from venue.fix.intake import Intake, decoded_order
from venue.fix.link import TcpLink
from venue.fix.sender import SessionSender
from venue.fix.stage import Stage
from venue.fix.surely_valid import SurelyValid
from venue.fix.traffic import INTERNAL_ERROR, Traffic
from venue.peer import Peer
from venue.settings.files import shipped

NOW_NS = 1_764_000_000_000_000_000


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return Incidents(tmp_path / "incidents", lambda: NOW_NS)


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "incidents").iterdir())


def broken(text: str = "it broke") -> Exception:
    """An error with a trace."""
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return error


def test_message_is_kept_with_its_session_its_address_and_the_trace(
    incidents: Incidents, tmp_path: Path
) -> None:
    incidents.record("ALPHA", "127.0.0.1:4000", 7, message(*BODY), broken())
    (file,) = kept(tmp_path)
    head, line, *trace = file.read_text().splitlines()
    assert head == "2025-11-24T16:00:00.000000Z ALPHA 127.0.0.1:4000"
    assert line.startswith("8=FIX.4.4|9=")
    assert trace[0].startswith("Traceback")
    assert trace[-1] == "RuntimeError: it broke"
    assert (tmp_path / "incidents").stat().st_mode & 0o777 == 0o700
    assert incidents.told() == [
        {
            "time": "2025-11-24T16:00:00.000000Z",
            "session": "ALPHA",
            "address": "127.0.0.1:4000",
            "error": "RuntimeError: it broke",
        }
    ]


def test_secrets_are_masked_in_message_error_and_trace(
    incidents: Incidents, tmp_path: Path
) -> None:
    raw = message(
        (b"554", b"hunter2"), (b"95", b"8"), (b"96", b"hunter2\x01"), (b"925", b"hunter2")
    )
    incidents.record("ALPHA", "", 7, raw, broken("cannot read 35=A\x01554=hunter2\x0198=0"))
    (file,) = kept(tmp_path)
    assert "hunter2" not in file.read_text()
    assert "hunter2" not in str(incidents.told())


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x1b[2Jb", "a|b", "a\u2028b", "a\x85b"])
def test_message_stays_one_line(incidents: Incidents, tmp_path: Path, value: str) -> None:
    incidents.record("ALPHA", "", 7, message((b"58", value.encode())), broken())
    (file,) = kept(tmp_path)
    lines = file.read_text().splitlines()
    assert lines[2].startswith("Traceback")
    assert lines[1].count("|") == message((b"58", b"x")).count(b"\x01")


def test_no_more_than_so_many_are_kept_and_told(incidents: Incidents, tmp_path: Path) -> None:
    for number in range(130):
        incidents.record("ALPHA", "", number, message(*BODY), broken())
    assert len(kept(tmp_path)) == 100
    assert len(incidents.told()) == 20


def test_directory_that_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "incidents").write_text("a file in its place")
    incidents = Incidents(tmp_path / "incidents", lambda: NOW_NS)
    incidents.record("ALPHA", "", 7, message(*BODY), broken())
    assert len(incidents.told()) == 1


class BreakingCore:
    """Breaks over everything that it is given."""

    def receive(
        self, session: str, number: int, decoded: Decoded | None, answer: Outgoing | None
    ) -> None:
        raise RuntimeError("receive broke")

    def user_request(self, session: str, frame: Frame) -> None:
        raise RuntimeError("user_request broke")

    def reports_between(
        self, session: str, begin: int, end: int
    ) -> Iterator[tuple[int, Kept] | None]:
        raise RuntimeError("reports_between broke")
        yield


class Ends:
    """Stands for the sender: which sessions were ended, and why."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []

    def end(self, session: str, text: str) -> None:
        self.ended.append((session, text))

    def next_in(self, session: str) -> int:
        return 1

    def next_out(self, session: str) -> int:
        return 100


class Nowhere:
    """Stands for a client's socket."""

    def fileno(self) -> int:
        return -1

    def send(self, data: bytes) -> int:
        return len(data)


class Setup:
    """Traffic of ALPHA, who is on, before a core that breaks."""

    def __init__(self, incidents: Incidents) -> None:
        self.incidents = incidents
        self.ends = Ends()
        self.traffic = Traffic(
            Intake(BreakingCore(), decoded_order),
            cast(SessionSender, self.ends),
            SurelyValid(shipped("spec/FIX44.xml"), "VENUE"),
            "VENUE",
            incidents,
            1000,
            self._relogon,
        )
        link = TcpLink(cast(Any, Nowhere()), Peer("127.0.0.1", 4000))
        self.connection = Connection(link, 0.0)
        self.connection.session, self.connection.stage = "ALPHA", Stage.ON
        self.connection.last_number = 10_000
        self.traffic.begin(self.connection)

    def _relogon(self, connection: Connection, frame: Frame) -> bool:
        raise RuntimeError("relogon broke")

    @property
    def errors(self) -> list[object]:
        return [each["error"] for each in self.incidents.told()]


@pytest.fixture
def setup(incidents: Incidents) -> Setup:
    return Setup(incidents)


@pytest.mark.parametrize(
    ("msg_type", "body", "broke"),
    [
        (b"A", [(b"141", b"Y")], "relogon broke"),
        (b"2", [(b"7", b"1"), (b"16", b"0")], "reports_between broke"),
    ],
)
def test_frame_that_breaks_the_traffic_ends_its_session_and_is_kept(
    setup: Setup, tmp_path: Path, msg_type: bytes, body: list[tuple[bytes, bytes]], broke: str
) -> None:
    header = [(b"35", msg_type), (b"49", b"ALPHA"), (b"56", b"VENUE")]
    raw = message(*body, header=[*header, (b"34", b"7"), (b"52", b"20261128-10:00:00")])
    setup.traffic.show(setup.connection, [Frame(raw)])
    assert setup.ends.ended == [("ALPHA", INTERNAL_ERROR)]
    assert setup.errors == [f"RuntimeError: {broke}"]
    assert len(kept(tmp_path)) == 1
    assert not setup.connection.held


def test_resend_that_a_logon_asked_for_costs_its_session_only(setup: Setup) -> None:
    """789: nothing of it is done where an exception would end trading."""
    setup.traffic.resend_after_logon(setup.connection, 1, 5)
    assert setup.errors == []
    setup.traffic.go_on_resending(1.0, 1 << 20)
    assert setup.ends.ended == [("ALPHA", INTERNAL_ERROR)]
    assert setup.errors == ["RuntimeError: reports_between broke"]
    setup.traffic.go_on_resending(1.0, 1 << 20)
    assert len(setup.errors) == 1


def test_what_breaks_behind_quickfix_ends_its_session_and_keeps_its_message(
    setup: Setup, tmp_path: Path
) -> None:
    """As VenueApplication does it for whatever its callbacks raise."""
    frame = Frame(message(*BODY))
    setup.traffic.show(setup.connection, [frame])
    with pytest.raises(RuntimeError, match="receive broke") as caught:
        setup.traffic.passed(setup.connection, frame.number)
    setup.traffic.failed("ALPHA", setup.connection, frame.number, frame.raw, caught.value)
    assert setup.ends.ended == [("ALPHA", INTERNAL_ERROR)]
    (file,) = kept(tmp_path)
    assert "|11=a|" in file.read_text()
