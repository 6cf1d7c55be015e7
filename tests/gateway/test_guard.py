"""The guard around what stands behind the gateway: who is let through, and who is told to go."""

import asyncio

import pytest

from venue.gateway.guard import FAILURES_MAX, Guard, is_any_of
from venue.gateway.problems import Code, Problem


def guard(at_most: int = 2, open_seconds: int = 60, waits_seconds: float = 0.0) -> Guard:
    return Guard(
        "it",
        at_most,
        is_any_of(ConnectionError),
        open_seconds=open_seconds,
        waits_seconds=waits_seconds,
    )


async def fail(guarded: Guard, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with guarded.passing():
            raise error


def test_after_some_failures_nobody_is_let_through() -> None:
    async def run() -> None:
        guarded = guard()
        for _ in range(FAILURES_MAX):
            assert guarded.state == "closed"
            await fail(guarded, ConnectionError("away"))
        assert guarded.state == "open"
        reached = False
        with pytest.raises(Problem, match="does not answer") as caught:
            async with guarded.passing():
                reached = True
        assert not reached and caught.value.code is Code.AWAY
        guarded.close()
        async with guarded.passing():
            reached = True
        assert reached and guarded.told().in_use == 0

    asyncio.run(run())


def test_an_open_guard_tries_one_again_and_closes_behind_it() -> None:
    async def run() -> None:
        guarded = guard(open_seconds=0)
        for _ in range(FAILURES_MAX):
            await fail(guarded, ConnectionError("away"))
        async with guarded.passing():
            assert guarded.state == "half-open"
        assert guarded.state == "closed"

    asyncio.run(run())


def test_an_answer_that_is_no_failure_opens_nothing() -> None:
    async def run() -> None:
        guarded = guard()
        for _ in range(2 * FAILURES_MAX):
            await fail(guarded, Problem(Code.REFUSED, "no"))
            await fail(guarded, KeyError("none"))
        assert guarded.state == "closed"

    asyncio.run(run())


def test_no_more_than_so_many_are_let_through_at_once() -> None:
    async def run() -> None:
        guarded, leave, inside = guard(at_most=2), asyncio.Event(), asyncio.Semaphore(0)

        async def stay() -> None:
            async with guarded.passing():
                inside.release()
                await leave.wait()

        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(stay())
                await inside.acquire()
            assert guarded.told().in_use == 2
            with pytest.raises(Problem, match="as much to do"):
                async with guarded.passing():
                    pytest.fail("let through")
            leave.set()
        assert guarded.told().in_use == 0

    asyncio.run(run())


def test_one_waits_for_a_turn_and_one_that_is_cancelled_gives_it_back() -> None:
    async def run() -> None:
        guarded, leave = guard(at_most=1, waits_seconds=20), asyncio.Event()

        async def stay() -> None:
            async with guarded.passing():
                await leave.wait()

        first, second = asyncio.create_task(stay()), asyncio.create_task(stay())
        while guarded.told().in_use == 0:
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        leave.set()
        await second
        assert guarded.told() == type(guarded.told())("closed", 0, 1)

    asyncio.run(run())
