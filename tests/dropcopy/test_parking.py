"""What is parked is said once: in a file, in the log and as an alert, also over restarts."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from venue.bus import parking as parking_module
from venue.bus.parking import Parking, read_parked

from .scenario import stored_alerts


async def park(data_dir: Path, nats_url: str, *troubles: tuple[int, str]) -> Parking:
    """A process that parks these, one after the other, and has its alerts out."""
    parking = Parking("test", nats_url, data_dir)
    for event_seq, error in troubles:
        parking.park(event_seq, error, asyncio.Event())
    await parking.close()
    return parking


def alerts(nats_url: str) -> list[tuple[int, str]]:
    return [(each["event_seq"], each["error"]) for each in asyncio.run(stored_alerts(nats_url))]


def test_trouble_is_said_once_also_by_a_process_that_was_started_anew(
    nats_url: str, tmp_path: Path
) -> None:
    with capture_logs() as log:
        for _ in range(3):
            asyncio.run(park(tmp_path, nats_url, (7, "cannot"), (7, "cannot")))
    assert len(log) == 1
    assert alerts(nats_url) == [(7, "cannot")]


def test_other_trouble_is_said_and_stands_in_the_place_of_the_first(
    nats_url: str, tmp_path: Path
) -> None:
    asyncio.run(park(tmp_path, nats_url, (7, "cannot"), (0, "cannot"), (8, "must not")))
    (parked,) = read_parked(tmp_path)
    assert (parked.event_seq, parked.error) == (8, "must not")
    assert sorted(alerts(nats_url)) == [(0, "cannot"), (7, "cannot"), (8, "must not")]


@pytest.mark.parametrize(("quiet_seconds", "expected"), [(600.0, 2), (0.0, 6)])
def test_trouble_that_comes_and_goes_is_one_alert_for_a_while(
    nats_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quiet_seconds: float,
    expected: int,
) -> None:
    monkeypatch.setattr(parking_module, "QUIET_SECONDS", quiet_seconds)

    async def scenario() -> None:
        parking = Parking("test", nats_url, tmp_path)
        for _ in range(3):
            parking.park(0, "flaps too", asyncio.Event())
            parking.park(0, "flaps", asyncio.Event())
            assert len(read_parked(tmp_path)) == 1
            parking.passed(5)
            assert read_parked(tmp_path) == []
        await parking.close()

    asyncio.run(scenario())
    assert len(alerts(nats_url)) == expected


def test_page_of_text_is_cut(nats_url: str, tmp_path: Path) -> None:
    asyncio.run(park(tmp_path, nats_url, (1, "x" * (10 << 20)), (1, "x" * (10 << 20))))
    (parked,) = read_parked(tmp_path)
    assert parked.error == "x" * 2_000
    assert alerts(nats_url) == [(1, parked.error)]


def test_file_that_cannot_be_written_keeps_no_alert_back(nats_url: str, tmp_path: Path) -> None:
    (tmp_path / "parked").write_text("no directory")
    asyncio.run(park(tmp_path / "parked" / "..", nats_url))
    with capture_logs() as log:
        asyncio.run(park(tmp_path, nats_url, (1, "cannot")))
    assert [line["event"] for line in log] == ["consumer_halted", "not_parked"]
    assert alerts(nats_url) == [(1, "cannot")]
