"""Child processes that die with us, have a log file of their own, and stop within a deadline.

May know the operating system, and how logs are set aside. Must never put a secret into argv, nor
let a child outlive its parent: spawn from a thread that lives as long as the child, for Linux
counts the thread as parent.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from venue.rotation import set_aside_path

LOG_BYTES_MAX = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class SystemUser(NamedTuple):
    """The user that a child runs as when we are root."""

    uid: int
    gid: int


class Child:
    """A started process with its name and pid."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log_file: Path) -> None:
        self.name = name
        self.pid = popen.pid
        self.log_file = log_file
        self._popen = popen

    def exit_status(self) -> int | None:
        """None while it runs; afterwards its status (negative: ended by that signal). Reaps it."""
        return self._popen.poll()

    def is_alive(self) -> bool:
        return self.exit_status() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal; no effect on a child that has ended."""
        self._popen.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """True if it has ended within so many seconds."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, first: signal.Signals = signal.SIGTERM, seconds: float = 5.0) -> int:
        """Ask it to end by `first`, kill it when the deadline has passed; returns its status."""
        self.send(first)
        if not self.wait(seconds):
            self.send(signal.SIGKILL)
        return self._popen.wait()

    def last_log_line(self) -> str:
        """The last line of its log, for the one line that says why it did not start."""
        if not self.log_file.exists():
            return ""
        with self.log_file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


def spawn(
    name: str,
    argv: Sequence[str],
    *,
    log_file: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    nice: int = 0,
    death_signal: signal.Signals = signal.SIGKILL,
    pass_fds: Sequence[int] = (),
    user: SystemUser | None = None,
) -> Child:
    """Start a program in a process group of its own (a terminal's Ctrl-C does not reach it).

    It gets `death_signal` when the calling thread ends for whatever reason, kill -9 included. Both
    its outputs are appended to `log_file`; `environment` replaces ours; `nice` is added to ours.
    Raises OSError when the program cannot be executed.
    """
    log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        popen = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            # Not a session of its own: Linux would weigh it against trading's, whatever its nice.
            process_group=0,
            pass_fds=tuple(pass_fds),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            # Runs after the change of user, which would clear the death signal again.
            preexec_fn=die_with_parent(os.getpid(), death_signal, nice),
        )
    finally:
        os.close(output)
    return Child(name, popen, log_file)


def die_with_parent(
    parent: int, death_signal: signal.Signals = signal.SIGKILL, nice: int = 0
) -> Callable[[], None]:
    """The function that a forked child runs before its program; see `spawn`."""

    def prepare() -> None:
        if _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
            os._exit(126)
        if os.getppid() != parent:  # it died before prctl: no signal will come any more
            os._exit(126)
        if nice:
            os.nice(nice)

    return prepare


def rotate_log(log_file: Path, bytes_max: int = LOG_BYTES_MAX) -> bool:
    """Copy a log that has grown beyond `bytes_max`, set that aside, and empty it; True if done.

    The child goes on writing to the same file (it appends), so nobody has to reopen anything.
    Raises OSError, and leaves all as it was, when the disk has no room for the copy.
    """
    if not log_file.exists() or log_file.stat().st_size <= bytes_max:
        return False
    scratch = log_file.with_name(log_file.name + ".new")
    try:
        shutil.copyfile(log_file, scratch)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    scratch.rename(set_aside_path(log_file, time.time_ns()))
    os.truncate(log_file, 0)
    return True
