"""Who is healthy and who is ready, by what is seen of him from outside."""

import socket

import pytest

from venue.counts_page import LATE_SECONDS, Counts
from venue.metrics.look import FollowerLook, Look, ProcessLook
from venue.metrics.verdict import why_not_healthy, why_not_ready
from venue.servers.runtime import RuntimeInfo

SECOND_NS = 1_000_000_000
NOW_NS = 1_000 * SECOND_NS


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venue.metrics.verdict.time.monotonic_ns", lambda: NOW_NS)


def counts(age: float = 0.0, not_ready: str = "") -> Counts:
    return Counts(7, NOW_NS - int(age * SECOND_NS), not_ready)


def process(
    name: str = "followers", pid: int | None = 7, page: Counts | None = None, failing: str = ""
) -> ProcessLook:
    return ProcessLook(name, pid, 0, None, page, failing)


def look(of: ProcessLook, *followers: FollowerLook, address: str = "") -> Look:
    running = RuntimeInfo(
        fix=address, nats="", database="", data_dir="", pid=1, pid_start_ticks=1, started_ns=1
    )
    return Look(0.0, running, 100, {of.name: of}, {each.name: each for each in followers})


def follower(lag: int | None, seconds: float | None, halted: str = "") -> FollowerLook:
    return FollowerLook("clearing", "followers", 100, lag, seconds, halted)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (None, "it was not started"),
        (process(pid=None), "it is down"),
        (process(pid=None, failing="no room"), "it is down; no room"),
        (process(page=counts(age=LATE_SECONDS + 2)), "its loop has not come round for 7 s"),
        (process(page=counts()), ""),
        (process(page=None), ""),
    ],
)
def test_process_is_healthy_while_its_loop_comes_round(seen: ProcessLook | None, why: str) -> None:
    assert why_not_healthy(seen) == why


@pytest.mark.parametrize(
    ("seen", "follows", "why"),
    [
        (process(page=None), (), "it is starting: it has not shown yet that it works"),
        (process(page=counts(not_ready="catching up")), (), "catching up"),
        (process(page=counts()), (follower(0, 0.0),), ""),
        (process(page=counts()), (follower(9, 59.0),), ""),
        (process(page=counts()), (follower(9, 75.0),), "clearing is 75 s behind"),
        (process(page=counts()), (follower(None, None),), "how far clearing is, is not known"),
        (process(page=counts()), (follower(5, 1.0, "poison"),), "clearing halts: poison"),
    ],
)
def test_process_is_ready_while_it_does_its_work(
    seen: ProcessLook, follows: tuple[FollowerLook, ...], why: str
) -> None:
    assert why_not_ready("followers", look(seen, *follows)) == why


def test_others_followers_are_not_ones_own() -> None:
    seen = look(process("publisher", page=counts()), follower(9, 500.0, "poison"))
    assert why_not_ready("publisher", seen) == ""


def test_trading_is_ready_once_it_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        seen = look(process("trading", page=counts()), address=address)
        assert why_not_ready("trading", seen) == ""
    assert why_not_ready("trading", seen) == f"nobody listens at {address}"
