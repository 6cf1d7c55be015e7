"""The load client in Python, for where no C compiler is and for TLS: open loop or closed loop.

Owns the loop over the sockets of many sessions, in one thread. Starts no venue; leaves no
connection open. It costs 10 to 40 us of processor a message (docs/PERFORMANCE.md).
"""

import gc
import selectors
import ssl
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from venue.load.outcome import Outcome
from venue.load.quantiles import Quantiles
from venue.load.schedule import NS_PER_SECOND, Schedule
from venue.load.session import ClosedAtLogon, LoadSession
from venue.load.signals import ended_by_signals
from venue.load.task import Run, Task

NAME = "Python"
_START_SECONDS = 0.05
_RECONNECT_SECONDS = 2.0
_PAUSE_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 0.5
_KEEP_ALIVE_NS = NS_PER_SECOND
_MOST_BEFORE_READING = 64


class LoadClient:
    """Sessions that are logged on while the context lasts."""

    def __init__(self, task: Task, tls: ssl.SSLContext | None = None) -> None:
        """Log on; speak TLS, as to a gate, when there is a context. Raises LoadError."""
        self._sessions: list[LoadSession] = []
        # select() waits to the microsecond, epoll to the millisecond
        self._selector = selectors.SelectSelector()
        self._answer_ns = int(task.answer_seconds * NS_PER_SECOND)
        self._kept_alive_ns = self._signals = 0
        try:
            for number in range(len(task.logins)):
                session = _logged_on(task, number, tls)
                self._sessions.append(session)
                self._selector.register(session.socket, selectors.EVENT_READ, session)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        gc.disable()  # nothing here makes cycles
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        gc.enable()
        if error is None:
            for session in self._sessions:
                session.log_out()
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._selector.close()
        for session in self._sessions:
            session.close()

    def end(self) -> None:
        """End the run that is under way: nothing more is sent, and what was measured is told.

        The second time, answers are not waited for either.
        """
        self._signals += 1

    def measure(self, runs: Sequence[Run]) -> list[Outcome]:
        """An outcome of each run, up to the first that leaves something unanswered or is ended."""
        outcomes: list[Outcome] = []
        with ended_by_signals(self.end):
            for run in runs:
                outcomes.append(self._measure(run))
                if outcomes[-1].unanswered or outcomes[-1].is_ended_early:
                    break
        return outcomes

    def _measure(self, run: Run) -> Outcome:
        late = Quantiles()
        if run.rate is not None:
            measure = self._open_loop(run, run.rate, late)
        else:
            measure = self._closed_loop(run, run.in_flight or 1)
        self._wait_for_answers()
        latency = Quantiles()
        rejects: Counter[str] = Counter()
        now_ns = time.perf_counter_ns()
        for session in self._sessions:
            session.give_up(now_ns)
            latency.add(session.latencies)
            rejects.update(session.rejects)
        return Outcome(
            offered=run.rate,
            in_flight=run.in_flight,
            sessions=len(self._sessions),
            seconds=measure.seconds,
            sent=measure.sent,
            acknowledged=measure.answered,
            fills=measure.fills,
            latency=latency,
            late=late,
            rejects=dict(rejects.most_common()),
            answered=sum(session.answered for session in self._sessions) - measure.answered_before,
            unanswered=sum(len(session.pending) for session in self._sessions),
            client_us=measure.client_us,
            client=NAME,
            resend_requests=sum(session.resend_requests for session in self._sessions),
            is_ended_early=measure.is_ended_early,
        )

    def _open_loop(self, run: Run, rate: int, late: Quantiles) -> "_Measure":
        """Send `rate` messages a second in all, evenly, however slow the answers are."""
        begin_ns = time.perf_counter_ns() + int(_START_SECONDS * NS_PER_SECOND)
        schedule = Schedule(begin_ns, rate, run.warm_up + run.seconds)
        measure = _Measure(self._sessions, begin_ns, run)
        sessions = self._sessions
        number, count = 0, schedule.messages
        while True:
            now_ns = time.perf_counter_ns()
            measure.look(now_ns, ended=self._signals > 0)
            if self._signals:
                count = number
            if number == count and measure.is_over:
                return measure
            last = min(schedule.due_by(now_ns), count, number + _MOST_BEFORE_READING)
            while number < last:
                due_ns = schedule.due_ns(number)
                sessions[number % len(sessions)].send_request(due_ns, now_ns)
                late.record(now_ns - due_ns)
                number += 1
            next_ns = schedule.due_ns(number) if number < count else measure.end_ns
            self._exchange(now_ns, (next_ns - time.perf_counter_ns()) / NS_PER_SECOND)

    def _closed_loop(self, run: Run, in_flight: int) -> "_Measure":
        """Keep `in_flight` messages of each session unanswered: as fast as the venue answers."""
        measure = _Measure(self._sessions, time.perf_counter_ns(), run)
        while True:
            now_ns = time.perf_counter_ns()
            measure.look(now_ns, ended=self._signals > 0)
            if measure.is_over:
                return measure
            for session in self._sessions:
                for _ in range(in_flight - len(session.pending)):
                    session.send_request(now_ns, now_ns)
            self._exchange(now_ns, _LONGEST_WAIT_SECONDS)

    def _wait_for_answers(self) -> None:
        deadline_ns = time.perf_counter_ns() + self._answer_ns
        while any(session.pending for session in self._sessions) and self._signals < 2:
            now_ns = time.perf_counter_ns()
            if now_ns > deadline_ns:
                break
            self._exchange(now_ns, (deadline_ns - now_ns) / NS_PER_SECOND)

    def _exchange(self, now_ns: int, wait_seconds: float) -> None:
        """Send what is in hand, then take what comes within `wait_seconds`."""
        all_sent = True
        for session in self._sessions:
            all_sent = session.flush() and all_sent
        if not all_sent:  # a socket is full: try again soon
            wait_seconds = min(wait_seconds, 0.001)
        for key, _ in self._selector.select(min(max(wait_seconds, 0.0), _LONGEST_WAIT_SECONDS)):
            key.data.read()
        if now_ns - self._kept_alive_ns > _KEEP_ALIVE_NS:
            self._kept_alive_ns = now_ns
            for session in self._sessions:
                session.keep_alive(now_ns)


def _logged_on(task: Task, number: int, tls: ssl.SSLContext | None) -> LoadSession:
    """A session; tried again for a moment, for its last connection may be ending only now."""
    comp_id, password = task.logins[number]
    flow = task.plan.flow(number)
    deadline = time.monotonic() + _RECONNECT_SECONDS
    while True:
        try:
            return LoadSession(task.address, comp_id, password, flow, task.heartbeat_seconds, tls)
        except ClosedAtLogon:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


class _Measure:
    """The measured part of a run: from behind the warm-up, for so many seconds, or to a signal."""

    def __init__(self, sessions: Sequence[LoadSession], begin_ns: int, run: Run) -> None:
        self._sessions = sessions
        self.from_ns = begin_ns + int(run.warm_up * NS_PER_SECOND)
        self.end_ns = self.from_ns + int(run.seconds * NS_PER_SECOND)
        self._begun_ns = self._cpu_ns = 0
        self._before = (0, 0, 0)
        self.is_over = self.is_ended_early = False
        self.seconds = self.client_us = 0.0
        self.sent = self.answered = self.fills = 0
        self.answered_before = sum(session.answered for session in sessions)
        for session in sessions:
            session.begin_run(self.from_ns)

    def look(self, now_ns: int, *, ended: bool) -> None:
        """Note where things stand when the measured part begins and when it ends."""
        if ended and self.end_ns > now_ns:
            self.end_ns, self.is_ended_early = now_ns, True
        if not self._begun_ns and now_ns >= self.from_ns:
            self._begun_ns, self._cpu_ns = now_ns, time.process_time_ns()
            self._before = self._counts()
        elif now_ns >= self.end_ns and not self.is_over:
            self.is_over = True
            if not self._begun_ns:
                return  # nothing was measured
            self.seconds = (now_ns - self._begun_ns) / NS_PER_SECOND
            self.sent, self.answered, self.fills = (
                after - before for after, before in zip(self._counts(), self._before, strict=True)
            )
            cpu_ns = time.process_time_ns() - self._cpu_ns
            self.client_us = cpu_ns / max(self.sent, 1) / 1000

    def _counts(self) -> tuple[int, int, int]:
        return (
            sum(session.sent for session in self._sessions),
            sum(session.answered for session in self._sessions),
            sum(session.fills for session in self._sessions),
        )
