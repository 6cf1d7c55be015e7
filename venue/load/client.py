"""The load client: many sessions in one thread, open loop at a rate or closed loop with a window.

Owns the loop over the sockets. Starts no venue; leaves no connection open.
"""

import ctypes
import gc
import selectors
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from venue.load.flow import Flow
from venue.load.outcome import Outcome
from venue.load.quantiles import Quantiles
from venue.load.schedule import NS_PER_SECOND, Schedule
from venue.load.session import ClosedAtLogon, LoadSession

ANSWER_SECONDS = 30.0
_START_SECONDS = 0.05
_RECONNECT_SECONDS = 2.0
_PAUSE_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 0.5
_KEEP_ALIVE_NS = NS_PER_SECOND
_MOST_BEFORE_READING = 64
_PR_SET_TIMERSLACK = 29
_TIMER_SLACK_NS = 1000
_DEFAULT_SLACK = 0


class LoadClient:
    """Sessions that are logged on while the context lasts."""

    def __init__(
        self,
        address: tuple[str, int],
        logins: Sequence[tuple[str, str]],
        flow: Callable[[int], Flow],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Log on by (CompID, password); `flow(n)` is what session n sends. Raises LoadError.

        tls: speak TLS, as to a gate.
        """
        self._sessions: list[LoadSession] = []
        # select() waits to the microsecond, epoll to the millisecond
        self._selector = selectors.SelectSelector()
        self._late = Quantiles()
        self._kept_alive_ns = 0
        try:
            for number, (comp_id, password) in enumerate(logins):
                session = _logged_on(address, comp_id, password, flow(number), tls)
                self._sessions.append(session)
                self._selector.register(session.socket, selectors.EVENT_READ, session)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        gc.disable()  # nothing here makes cycles
        _set_timer_slack(_TIMER_SLACK_NS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        gc.enable()
        _set_timer_slack(_DEFAULT_SLACK)
        if error is None:
            for session in self._sessions:
                session.log_out()
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._selector.close()
        for session in self._sessions:
            session.close()

    def open_loop(self, rate: int, seconds: float, warm_up: float) -> Outcome:
        """Send `rate` messages a second in all, evenly, however slow the answers are."""
        begin_ns = time.perf_counter_ns() + int(_START_SECONDS * NS_PER_SECOND)
        schedule = Schedule(begin_ns, rate, warm_up + seconds)
        measure = _Measure(self._sessions, begin_ns, warm_up, seconds)
        sessions, late = self._sessions, Quantiles()
        self._late = late
        number, count = 0, schedule.messages
        while True:
            now_ns = time.perf_counter_ns()
            measure.look(now_ns)
            if number == count and measure.is_over:
                break
            last = min(schedule.due_by(now_ns), number + _MOST_BEFORE_READING)
            while number < last:
                due_ns = schedule.due_ns(number)
                sessions[number % len(sessions)].send_request(due_ns, now_ns)
                late.record(now_ns - due_ns)
                number += 1
            next_ns = schedule.due_ns(number) if number < count else measure.end_ns
            self._exchange(now_ns, (next_ns - time.perf_counter_ns()) / NS_PER_SECOND)
        return self._finish(measure, rate, None)

    def closed_loop(self, in_flight: int, seconds: float, warm_up: float) -> Outcome:
        """Keep `in_flight` messages of each session unanswered: as fast as the venue answers."""
        begin_ns = time.perf_counter_ns()
        measure = _Measure(self._sessions, begin_ns, warm_up, seconds)
        self._late = Quantiles()
        while not measure.is_over:
            now_ns = time.perf_counter_ns()
            measure.look(now_ns)
            for session in self._sessions:
                for _ in range(in_flight - len(session.pending)):
                    session.send_request(now_ns, now_ns)
            self._exchange(now_ns, _LONGEST_WAIT_SECONDS)
        return self._finish(measure, None, in_flight)

    def _finish(self, measure: "_Measure", rate: int | None, in_flight: int | None) -> Outcome:
        """Wait for what is unanswered, then add up."""
        deadline_ns = time.perf_counter_ns() + int(ANSWER_SECONDS * NS_PER_SECOND)
        while any(session.pending for session in self._sessions):
            now_ns = time.perf_counter_ns()
            if now_ns > deadline_ns:
                break
            self._exchange(now_ns, _LONGEST_WAIT_SECONDS)
        latency = Quantiles()
        rejects: Counter[str] = Counter()
        now_ns = time.perf_counter_ns()
        for session in self._sessions:
            session.give_up(now_ns)
            latency.add(session.latencies)
            rejects.update(session.rejects)
        return Outcome(
            offered=rate,
            in_flight=in_flight,
            sessions=len(self._sessions),
            seconds=measure.seconds,
            sent=measure.sent,
            acknowledged=measure.answered,
            fills=measure.fills,
            latency=latency,
            late=self._late,
            rejects=dict(rejects.most_common()),
            answered=sum(session.answered for session in self._sessions) - measure.answered_before,
            unanswered=sum(len(session.pending) for session in self._sessions),
            client_us=measure.client_us,
        )

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


def _logged_on(
    address: tuple[str, int],
    comp_id: str,
    password: str,
    flow: Flow,
    tls: ssl.SSLContext | None,
) -> LoadSession:
    """A session; tried again for a moment, for its last connection may be ending only now."""
    deadline = time.monotonic() + _RECONNECT_SECONDS
    while True:
        try:
            return LoadSession(address, comp_id, password, flow, tls)
        except ClosedAtLogon:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


class _Measure:
    """The measured part of a run: from behind the warm-up, for so many seconds."""

    def __init__(
        self, sessions: Sequence[LoadSession], begin_ns: int, warm_up: float, seconds: float
    ) -> None:
        self._sessions = sessions
        self.from_ns = begin_ns + int(warm_up * NS_PER_SECOND)
        self.end_ns = self.from_ns + int(seconds * NS_PER_SECOND)
        self._begun_ns = self._cpu_ns = 0
        self._before = (0, 0, 0)
        self.is_over = False
        self.seconds = self.client_us = 0.0
        self.sent = self.answered = self.fills = 0
        self.answered_before = sum(session.answered for session in sessions)
        for session in sessions:
            session.measure_from = self.from_ns
            session.latencies = Quantiles()
            session.rejects.clear()

    def look(self, now_ns: int) -> None:
        """Note where things stand when the measured part begins and when it ends."""
        if not self._begun_ns:
            if now_ns >= self.from_ns:
                self._begun_ns, self._cpu_ns = now_ns, time.process_time_ns()
                self._before = self._counts()
        elif now_ns >= self.end_ns and not self.is_over:
            self.is_over = True
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


def _set_timer_slack(nanoseconds: int) -> None:
    """How much longer than asked Linux may let this thread wait; 50 us unless told."""
    ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, nanoseconds)
