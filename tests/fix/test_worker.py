"""The worker: results come back in order to whoever polls, its queue is bounded, it survives."""

import threading

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
    told: list[tuple[object, int]] = []
    for number in range(5):
        worker.submit(
            lambda number=number: (number, threading.get_ident()),
            lambda result: told.append((result, threading.get_ident())),
        )
    finish(worker)
    worker.close(SECONDS)
    assert [result[0] for result, _ in told] == [0, 1, 2, 3, 4]
    assert all(result[1] != polled == threading.get_ident() for result, polled in told)


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
        worker.submit(lambda number=number: done.append(number), lambda result: None)
    worker.close(SECONDS)
    assert done == [0, 1, 2, 3, 4]
