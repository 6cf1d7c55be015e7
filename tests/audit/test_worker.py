"""The audit process on a real nats-server and a real disk."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from tests.dropcopy.scenario import stored_alerts
from tests.marketdata.scenario import publish, running, until
from venue.audit.chain import list_segments
from venue.audit.verify import verify
from venue.audit.worker import Auditor
from venue.bus.parking import read_parked
from venue.bus.position_file import read_position_file
from venue.data_directory import DataDirectory
from venue.domain.events import AttemptDenied
from venue.servers.nats import NatsServer

from .events import NANOSECONDS, deposit


def entries(data_dir: Path) -> int:
    verdict = verify(DataDirectory(data_dir).trail, DataDirectory(data_dir).heads)
    assert verdict.ok, verdict.problem
    return verdict.entries


def written(data_dir: Path) -> int:
    """Whole lines in the last segment, for waiting."""
    segments = list_segments(DataDirectory(data_dir).trail)
    return segments[-1].read_bytes().count(b"\n") if segments else 0


async def audit(data_dir: Path, nats_url: str, first: int, last: int) -> None:
    """Publish these events while the audit runs, until they are in the trail."""
    auditor = Auditor(data_dir)
    async with running(lambda stop: auditor.run(nats_url, stop)):
        await publish(nats_url, [deposit(seq) for seq in range(first, last + 1)])
        await until(lambda: written(data_dir) >= last)


def test_every_event_is_in_the_trail_once_over_a_restart(tmp_path: Path, nats_url: str) -> None:
    asyncio.run(audit(tmp_path, nats_url, 1, 40))
    asyncio.run(audit(tmp_path, nats_url, 41, 60))
    verdict = verify(DataDirectory(tmp_path).trail, DataDirectory(tmp_path).heads)
    assert (verdict.ok, verdict.entries, verdict.event_seq) == (True, 60, 60)
    assert verdict.signed_entries == 60  # a clean stop signs
    position = read_position_file(DataDirectory(tmp_path).position("audit"))
    assert position is not None
    assert position.event_seq == 60


def test_what_a_crash_tore_off_is_read_from_nats_again(tmp_path: Path, nats_url: str) -> None:
    async def unsigned() -> None:
        auditor = Auditor(tmp_path)
        task = asyncio.create_task(auditor.run(nats_url, asyncio.Event()))
        await publish(nats_url, [deposit(seq) for seq in range(1, 21)])
        await until(lambda: written(tmp_path) >= 20)
        async with auditor._writing:  # the lines are there before their fsync is done
            auditor._trail.sign = lambda: None  # type: ignore[method-assign, union-attr]
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(unsigned())
    path = list_segments(DataDirectory(tmp_path).trail)[-1]
    path.write_bytes(path.read_bytes()[:-1500])
    asyncio.run(audit(tmp_path, nats_url, 21, 25))
    assert entries(tmp_path) == 25


def test_each_denied_attempt_is_an_alert_once(tmp_path: Path, nats_url: str) -> None:
    why = "it needs the role operator, bob is viewer"

    def denial(seq: int) -> AttemptDenied:
        return AttemptDenied(seq, NANOSECONDS, "HaltInstrument", why, "bob", 1001)

    async def scenario(first: int) -> list[dict[str, object]]:
        auditor = Auditor(tmp_path)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await publish(nats_url, [denial(first), deposit(first + 1), denial(first + 2)])
            await until(lambda: written(tmp_path) >= first + 2)
        return await stored_alerts(nats_url)  # a clean stop waits for those under way

    asyncio.run(scenario(1))
    alerts = asyncio.run(scenario(4))
    assert [(each["type"], each["event_seq"]) for each in alerts] == [
        ("attempt_denied", seq) for seq in (1, 3, 4, 6)
    ]
    assert {each["error"] for each in alerts} == {f"bob (uid 1001) is denied HaltInstrument: {why}"}


def test_heads_are_signed_at_intervals_when_little_happens(tmp_path: Path, nats_url: str) -> None:
    async def scenario() -> None:
        auditor = Auditor(tmp_path, head_seconds=0.05)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await publish(nats_url, [deposit(1), deposit(2)])
            heads = DataDirectory(tmp_path).heads / "heads.jsonl"
            await until(lambda: heads.exists() and b'"count":2,' in heads.read_bytes())

    asyncio.run(scenario())


def test_a_full_disk_delays_the_audit_and_loses_nothing(
    tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    failures = iter(range(3))

    def sometimes_full(descriptor: int) -> None:
        if next(failures, None) is not None:
            raise OSError(errno.ENOSPC, "no space left")
        real(descriptor)

    async def scenario() -> None:
        auditor = Auditor(tmp_path)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await until((DataDirectory(tmp_path).trail / "trail-000001.jsonl").exists)
            monkeypatch.setattr(os, "fsync", sometimes_full)
            await publish(nats_url, [deposit(seq) for seq in range(1, 31)])
            position = DataDirectory(tmp_path).position("audit")
            await until(lambda: position.exists() and b"30" in position.read_bytes())
        assert next(failures, None) is None

    asyncio.run(scenario())
    assert entries(tmp_path) == 30


def test_nats_restarted_under_the_audit(
    tmp_path: Path, nats_url: str, nats_server: NatsServer
) -> None:
    async def scenario() -> None:
        auditor = Auditor(tmp_path)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await publish(nats_url, [deposit(seq) for seq in range(1, 11)])
            await until(lambda: written(tmp_path) >= 10)
            nats_server.stop()
            nats_server.launch()
            nats_server.wait_ready()
            await publish(nats_url, [deposit(seq) for seq in range(11, 21)])
            await until(lambda: written(tmp_path) >= 20)

    asyncio.run(scenario())
    assert entries(tmp_path) == 20


def test_a_damaged_trail_is_parked_until_it_is_whole_again(tmp_path: Path, nats_url: str) -> None:
    asyncio.run(audit(tmp_path, nats_url, 1, 10))
    path = list_segments(DataDirectory(tmp_path).trail)[-1]
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"event_seq":5', b'"event_seq":6', 1))

    async def damaged() -> None:
        auditor = Auditor(tmp_path)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await until(lambda: bool(read_parked(tmp_path)))
            (parked,) = read_parked(tmp_path)
            assert (parked.consumer, parked.event_seq) == ("audit", 0)
            assert "after entry 4" in parked.error
            await publish(nats_url, [deposit(11)])
        (alert,) = await stored_alerts(nats_url)
        assert alert["type"] == "consumer_halted" and alert["consumer"] == "audit"
        assert alert["error"] == parked.error

    asyncio.run(damaged())
    assert written(tmp_path) == 10, "nothing is appended to a damaged trail"
    path.write_bytes(whole)
    asyncio.run(audit(tmp_path, nats_url, 11, 12))
    assert entries(tmp_path) == 12
    assert read_parked(tmp_path) == []


def test_a_trail_damaged_while_it_is_open_is_parked(
    tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def failing(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", real)
        path = list_segments(DataDirectory(tmp_path).trail)[-1]
        path.write_bytes(path.read_bytes().replace(b'"event_seq":5', b'"event_seq":6', 1))
        raise OSError(errno.EIO, "the disk is dying")

    async def scenario() -> None:
        auditor = Auditor(tmp_path, head_seconds=0.05)
        async with running(lambda stop: auditor.run(nats_url, stop)):
            await publish(nats_url, [deposit(seq) for seq in range(1, 11)])
            heads = DataDirectory(tmp_path).heads / "heads.jsonl"
            await until(lambda: heads.exists() and b'"count":10,' in heads.read_bytes())
            monkeypatch.setattr(os, "fsync", failing)
            await publish(nats_url, [deposit(11)])
            await until(lambda: bool(read_parked(tmp_path)))

    asyncio.run(scenario())
    (parked,) = read_parked(tmp_path)
    assert parked.event_seq == 11 and "after entry 4" in parked.error
