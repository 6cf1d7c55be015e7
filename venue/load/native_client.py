"""The load client in C as a child: told what to do on stdin, asked on stdout what it has measured.

job.c in `native` is the other side of both. Passwords go by stdin: neither its arguments nor its
environment have them.
"""

import signal
import struct
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from venue.load.outcome import Outcome
from venue.load.quantiles import BUCKETS, Quantiles
from venue.load.schedule import NS_PER_SECOND
from venue.load.signals import ended_by_signals
from venue.load.task import LoadError, Plan, Run, Task

NAME = "C"
_OUTCOME = struct.Struct("=9q")
_QUANTILES = struct.Struct(f"={2 + BUCKETS}q")
_KINDS = struct.Struct("=q")
_REJECTS = struct.Struct("=q100s")


def run_natively(program: Path, task: Task, runs: Sequence[Run]) -> list[Outcome]:
    """An outcome of each run, up to the first that leaves something unanswered or is ended early.

    Raises LoadError.
    """
    try:
        process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            process_group=0,  # a terminal's Ctrl-C comes by us
        )
    except OSError as error:
        raise LoadError(f"{program} cannot be started: {error}") from error
    with process, ended_by_signals(lambda: process.send_signal(signal.SIGTERM)):
        output, said = process.communicate(_job(task, runs))
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        raise LoadError(f"the load client was ended by {name}; nothing was measured")
    if process.returncode:
        raise LoadError(said.decode(errors="replace").strip())
    reader = _Reader(output)
    return [
        _outcome(reader, run, len(task.logins))
        for run, _ in zip(runs, iter(reader.has_more, False), strict=False)
    ]


def _job(task: Task, runs: Sequence[Run]) -> bytes:
    """What native/job.c reads: values in order, each ended by a zero."""
    answer_ns = int(task.answer_seconds * NS_PER_SECOND)
    values: list[object] = [*task.address, answer_ns, task.heartbeat_seconds]
    values += _plan(task.plan)
    values.append(len(task.logins))
    for number, (comp_id, password) in enumerate(task.logins):
        _, words, _ = task.plan.random(number).getstate()
        values += [comp_id, password, *words]
    values.append(len(runs))
    for run in runs:
        durations = (int(run.seconds * NS_PER_SECOND), int(run.warm_up * NS_PER_SECOND))
        values += [run.rate or 0, run.in_flight or 0, *durations]
    return b"".join(_bytes(value) + b"\0" for value in values)


def _plan(plan: Plan) -> Iterator[object]:
    yield from (plan.mix.new, plan.mix.cancel, plan.mix.cross)
    yield from (plan.prefix, plan.transact_time, len(plan.quotes))
    yield len(plan.quotes[0].resting[0])
    for quote in plan.quotes:
        yield from (quote.symbol, quote.quantity)
        for resting, crossing in zip(quote.resting, quote.crossing, strict=True):
            yield from (*resting, crossing)


def _bytes(value: object) -> bytes:
    data = value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")
    if b"\0" in data:
        raise LoadError("a CompID or password has a zero byte in it")
    return data


class _Reader:
    """What the client wrote, from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def has_more(self) -> bool:
        return self._at < len(self._data)

    def take(self, form: struct.Struct) -> tuple[int, ...]:
        values: tuple[int, ...] = form.unpack_from(self._data, self._at)
        self._at += form.size
        return values

    def quantiles(self) -> Quantiles:
        count, most, *counts = self.take(_QUANTILES)
        return Quantiles.of_counts(counts, count, most)

    def rejects(self) -> dict[str, int]:
        """Most frequent first."""
        found: list[tuple[int, str]] = []
        for _ in range(self.take(_KINDS)[0]):
            count, reason = _REJECTS.unpack_from(self._data, self._at)
            self._at += _REJECTS.size
            found.append((count, reason.partition(b"\0")[0].decode(errors="replace")))
        found.sort(key=lambda each: -each[0])
        return {reason: count for count, reason in found}


def _outcome(reader: _Reader, run: Run, sessions: int) -> Outcome:
    took_ns, sent, answered, fills, cpu_ns, in_all, unanswered, resends, early = reader.take(
        _OUTCOME
    )
    latency, late, rejects = reader.quantiles(), reader.quantiles(), reader.rejects()
    return Outcome(
        offered=run.rate,
        in_flight=run.in_flight,
        sessions=sessions,
        seconds=took_ns / NS_PER_SECOND,
        sent=sent,
        acknowledged=answered,
        fills=fills,
        latency=latency,
        late=late,
        rejects=rejects,
        answered=in_all,
        unanswered=unanswered,
        client_us=cpu_ns / max(sent, 1) / 1000,
        client=NAME,
        resend_requests=resends,
        is_ended_early=bool(early),
    )
