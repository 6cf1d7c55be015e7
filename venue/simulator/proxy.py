"""The simulator's port: accepts clients, calls the venue for each, and holds what is under way.

Lives in one event loop. What could not be done as asked is logged and kept to be asked for.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import structlog

from venue.fix.message_log import MessageLog
from venue.simulator.behaviours import AnyBehaviour, Drop
from venue.simulator.counter import Counter, Login, NotFilled
from venue.simulator.course import Course, Wanted
from venue.simulator.line import Line
from venue.simulator.plan import Plan
from venue.simulator.script import ensure_can_fill

_log = structlog.get_logger("simulator")
_RECEIVE_BYTES = 1 << 16
"""What the system takes of a client unread, so that slow reading is felt soon."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A behaviour that was asked for: how many messages it has met, and was done to."""

    behaviour: AnyBehaviour
    met: int
    used: int
    is_spent: bool


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """sessions: CompIDs that are connected now. problems: what was not done as asked, and why."""

    sessions: list[str]
    steps: list[Step]
    problems: list[str]


class Proxy:
    """Between clients and the venue of this address; `counter` fills orders."""

    def __init__(
        self,
        venue: tuple[str, int],
        steps: Sequence[AnyBehaviour] = (),
        counter: Login | None = None,
        log: Path | None = None,
    ) -> None:
        """log: a directory for the clients' messages, a file for each session."""
        ensure_can_fill(steps, has_counter=counter is not None)
        self._venue = venue
        self._counter = None if counter is None else Counter(venue, counter)
        self._messages = MessageLog(log)
        self._plan = Plan(steps)
        self._run_id = f"{time.time_ns() // 1_000_000:x}"
        self._courses: dict[tuple[str, str], Course] = {}
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._filling = asyncio.Lock()
        self._problems: list[str] = []
        self._server: asyncio.Server | None = None
        self._is_stopping = False

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen there; the address, with the port that was taken. Raises OSError."""
        listener = socket.create_server((host, port))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=_RECEIVE_BYTES)
        address: tuple[str, int] = listener.getsockname()[:2]
        return address

    async def stop(self) -> None:
        """Break all connections and stop listening."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)  # who was accepted just now has a task then
        for line in self._lines:
            line.drop()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._messages.close()

    # What it is told

    def do(self, behaviours: Sequence[AnyBehaviour]) -> None:
        """Arm these behind the others; Drop with `now` drops lines at once. Raises ScriptError."""
        ensure_can_fill(behaviours, has_counter=self._counter is not None)
        for behaviour in behaviours:
            if isinstance(behaviour, Drop) and behaviour.now:
                self._drop_now(behaviour.on.session)
            else:
                self._plan.add([behaviour])

    def clear(self) -> None:
        """Arm nothing; clients are read at once again."""
        self._plan.clear()
        for course in self._courses.values():
            course.slow = None

    def status(self) -> Status:
        """Who is connected, what was asked for, and what became of it."""
        sessions = sorted(line.course.session for line in self._lines if line.course is not None)
        steps = [
            Step(behaviour=each.behaviour, met=each.met, used=each.used, is_spent=each.is_spent)
            for each in self._plan.armed
        ]
        return Status(sessions=sessions, steps=steps, problems=list(self._problems))

    def _drop_now(self, sessions: str) -> None:
        for line in self._lines:
            if line.course is not None and fnmatchcase(line.course.session, sessions):
                line.drop()

    # Connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        accepted: socket.socket = writer.get_extra_info("socket")
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            venue = await asyncio.open_connection(*self._venue)
            line = Line((reader, writer), venue, self._course_of, self._note, self._due)
            if self._is_stopping:
                line.drop()  # nobody else would
            await self._carry(line)
        except OSError as error:
            self._note_problem(f"no venue at {self._venue[0]}:{self._venue[1]}: {error}")
            writer.transport.abort()
        finally:
            self._tasks.discard(task)

    async def _carry(self, line: Line) -> None:
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)

    def _course_of(self, sender: str, target: str) -> Course:
        key = (sender, target)
        if key not in self._courses:
            self._courses[key] = Course(sender, self._plan, self._run_id)
        return self._courses[key]

    def _note(self, session: str, way: str, data: bytes) -> None:
        now_ns = time.time_ns()
        if way == "in":
            self._messages.note_in(session, [data], now_ns)
        else:
            self._messages.note_out(session, data, now_ns)
        self._messages.flush()

    # Fills

    def _due(self, course: Course) -> None:
        for problem in course.problems:
            self._note_problem(f"{course.session}: {problem}")
        course.problems.clear()
        for wanted in course.fills:
            task = asyncio.create_task(self._fill(wanted))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        course.fills.clear()

    async def _fill(self, wanted: Wanted) -> None:
        assert self._counter is not None
        async with self._filling:  # one session: one order after the other
            try:
                await asyncio.to_thread(self._counter.fill, wanted, self._run_id)
            except NotFilled as error:
                self._note_problem(str(error))

    def _note_problem(self, problem: str) -> None:
        _log.warning("not done as asked", why=problem)
        self._problems.append(problem)
