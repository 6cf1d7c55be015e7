"""The worker: results come back in order to whoever polls, its queue is bounded, it survives."""

import threading
from functools import partial

import pytest

from venue.fix.worker import Worker

SECONDS = 10.0


def finish(worker: Worker) -> None:
    """Poll until all is completed."""
    done = threading.Event()
    assert worker.submit(done.set, lambda result: None)
    assert done.wait(SECONDS)
    while worker.completed < worker.submitted:
        worker.poll()


def test_results_come_in_order_and_in_the_thread_that_polls() -> None:
    worker = Worker("test", 8)
    told: list[tuple[tuple[int, int] | None, int]] = []

    def work(number: int) -> tuple[int, int]:
        return number, threading.get_ident()

    for number in range(5):
        worker.submit(
            partial(work, number), lambda result: told.append((result, threading.get_ident()))
        )
    finish(worker)
    worker.close(SECONDS)
    results = [result for result, _ in told if result is not None]
    assert [number for number, _ in results] == [0, 1, 2, 3, 4]
    assert threading.get_ident() not in {thread for _, thread in results}
    assert {polled for _, polled in told} == {threading.get_ident()}


def test_full_queue_takes_no_more_and_does_not_wait() -> None:
    worker, go = Worker("test", 2), threading.Event()
    entered = threading.Event()

    def wait() -> None:
        entered.set()
        go.wait(SECONDS)

    assert worker.submit(wait, lambda result: None)
    assert entered.wait(SECONDS)
    assert [worker.submit(int, lambda result: None) for _ in range(3)] == [True, True, False]
    assert (worker.submitted, worker.completed) == (3, 0)
    go.set()
    while worker.completed < 3:
        worker.poll()
    worker.close(SECONDS)


@pytest.mark.parametrize("error", [ValueError, KeyError, MemoryError, RecursionError])
def test_job_that_raises_ends_neither_thread_nor_loop(error: type[Exception]) -> None:
    worker = Worker("test", 8)
    told: list[object] = []

    def fail() -> int:
        raise error("planted")

    worker.submit(fail, told.append)
    worker.submit(lambda: 7, told.append)
    finish(worker)
    worker.close(SECONDS)
    assert told == [None, 7]


def test_close_does_what_waits_first() -> None:
    worker = Worker("test", 8)
    done: list[int] = []
    for number in range(5):
        worker.submit(partial(done.append, number), lambda result: None)
    worker.close(SECONDS)
    assert done == [0, 1, 2, 3, 4]
