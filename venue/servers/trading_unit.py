"""Trading under its supervisor: waits until it accepts logons, and starts it again when it ends.

May know its process and the pipe by which it says that it is ready. Never repeats a start that
trading has refused, and restarts it at most RESTARTS_MAX times in RESTARTS_SECONDS.
"""

import os
import signal
import time
from collections import deque
from pathlib import Path

import msgspec
import structlog

from venue import compiled_core
from venue.free_space import free_bytes
from venue.servers import ServerError
from venue.servers.child import Child
from venue.servers.program import Program
from venue.servers.runtime import READY_FD_VARIABLE, Readiness

RESTARTS_MAX = 3
RESTARTS_SECONDS = 60.0
ROOM_SECONDS = 5.0
"""How often it is looked whether the disk has room for trading again."""
_log = structlog.get_logger()


class TradingNotReady(ServerError):
    """Trading said why it cannot start, ended without saying why, or keeps ending."""

    def __init__(self, text: str, exit_status: int = 1) -> None:
        super().__init__(text)
        self.exit_status = exit_status


class _NoRoom(TradingNotReady):
    """It cannot start before the disk has room for `needs_bytes`."""

    def __init__(self, text: str, exit_status: int, needs_bytes: int) -> None:
        super().__init__(text, exit_status)
        self.needs_bytes = needs_bytes


class _EndedAtStart(TradingNotReady):
    """It ended before it was ready without saying why. After an earlier run that is no refusal."""


class TradingUnit:
    """The trading process. fix: HOST:PORT once it has accepted logons; a restart keeps it.

    core: which core it runs, once it has accepted logons (venue/compiled_core.py).
    restarts: how often it was started again. waits_for: why it is not up though it will be; empty
    while it is up or starting. progress: how far its start is, if it has said so.
    """

    def __init__(self, program: Program, data_dir: Path, ready_seconds: float) -> None:
        self.name = program.name
        self.stop_seconds = program.stop_seconds
        self.child: Child | None = None
        self.fix = ""
        self.core = compiled_core.PURE
        self.restarts = 0
        self.waits_for = ""
        self.progress = ""
        self._needs_bytes = 0
        self._try_at = 0.0
        self._program = program
        self._data_dir = data_dir
        self._ready_seconds = ready_seconds
        self._started_at = 0.0
        self._restarted_at: deque[float] = deque(maxlen=RESTARTS_MAX)
        self._reader = -1
        self._said = b""

    def launch(self) -> None:
        """Start it, without waiting until it is ready. Raises OSError."""
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._said, self.progress = b"", ""
        self._started_at = time.monotonic()
        program = self._program.on_port(self.fix)
        try:
            self.child = program.spawn(
                self._data_dir, {READY_FD_VARIABLE: str(writer)}, pass_fds=(writer,)
            )
        except OSError:
            self.hang_up()
            raise
        finally:
            os.close(writer)

    @property
    def is_starting(self) -> bool:
        """Whether it was started and has not yet said whether it is ready."""
        return self._reader != -1

    def take_word(self) -> bool:
        """Read what it says while it starts. True once it accepts logons.

        Raises TradingNotReady if it refuses to start, has ended, or takes too long.
        """
        chunk = _read_available(self._reader)
        self._said += chunk or b""
        *lines, self._said = self._said.split(b"\n")
        heard = [msgspec.json.decode(line, type=Readiness) for line in lines]
        readiness = heard[-1] if heard else None
        if readiness is None or readiness.progress:
            if chunk == b"":
                raise self._ended_at_start()
            if readiness is not None:
                self.progress = readiness.progress
            if time.monotonic() - self._started_at > self._ready_seconds:
                raise self._silent()
            return False
        self.hang_up()
        if readiness.needs_bytes:
            raise _NoRoom(readiness.error, readiness.exit, readiness.needs_bytes)
        if not readiness.ready:
            raise TradingNotReady(readiness.error, readiness.exit)
        self.fix, self.core = readiness.fix, readiness.core
        return True

    def keep_running(self) -> bool:
        """Start it again at once if it has ended by itself; one without room, when there is some.

        Returns whether its pid or state has changed. Raises TradingNotReady when it has to stay
        down, because it has refused to start or has ended too often.
        """
        if self.waits_for:
            return self._start_with_room()
        if self.is_starting:
            try:
                is_ready = self.take_word()
            except _NoRoom as short:
                self._wait_for_room(short)
                return True
            except _EndedAtStart as ended:
                self._start_again(str(ended))
                return True
            if is_ready:
                self._needs_bytes = 0
                _log.info("trading accepts logons again", fix=self.fix)
            return is_ready
        child = self.child
        assert child is not None
        status = child.exit_status()
        if status is None:
            return False
        self._start_again(f"trading ended by itself with status {status}: {child.last_log_line()}")
        return True

    def hang_up(self) -> None:
        """Close the pipe by which it says that it is ready."""
        if self._reader != -1:
            os.close(self._reader)
            self._reader = -1

    def _wait_for_room(self, short: _NoRoom) -> None:
        """Stay down until the disk has room: everything else goes on."""
        assert self.child is not None
        self.child.stop(signal.SIGTERM, self.stop_seconds)
        if not self._needs_bytes:  # it is said once, however often it is tried
            _log.critical("trading waits for room on the disk", because=str(short))
        self.waits_for, self._needs_bytes = str(short), short.needs_bytes
        self._try_at = time.monotonic() + ROOM_SECONDS

    def _start_with_room(self) -> bool:
        """Start it again once there is room. Returns whether it was started."""
        if time.monotonic() < self._try_at:
            return False
        self._try_at = time.monotonic() + ROOM_SECONDS
        if free_bytes(self._data_dir) < self._needs_bytes:
            return False
        self.waits_for = ""
        self.restarts += 1
        self._launch_again()
        return True

    def _start_again(self, why: str) -> None:
        self.hang_up()
        now = time.monotonic()
        if len(self._restarted_at) == RESTARTS_MAX:
            since = now - self._restarted_at[0]
            if since < RESTARTS_SECONDS:
                times = f"{RESTARTS_MAX} times in {since:.0f} s"
                raise TradingNotReady(f"{why}; started again {times}, it stays down now")
        self._restarted_at.append(now)
        self.restarts += 1
        _log.error("trading is started again", because=why, restarts=self.restarts)
        self._launch_again()

    def _launch_again(self) -> None:
        try:
            self.launch()
        except OSError as error:
            raise TradingNotReady(f"trading cannot be started again: {error}") from error

    def _ended_at_start(self) -> TradingNotReady:
        child = self.child
        assert child is not None
        self.hang_up()
        child.wait(1.0)
        status = child.stop(signal.SIGKILL)  # a second one must not run beside it
        said = f"ended with status {status} at its start: {child.last_log_line()}"
        return _EndedAtStart(f"trading {said} (see {child.log_file})")

    def _silent(self) -> TradingNotReady:
        assert self.child is not None
        text = f"trading does not accept logons after {self._ready_seconds:.0f} s"
        return TradingNotReady(f"{text} (see {self.child.log_file})")


def _read_available(reader: int) -> bytes | None:
    """What is in the pipe; None if nothing yet, b"" if its other end is closed."""
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return None
