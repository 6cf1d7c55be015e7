"""The venue as an operator runs it: one `venue run`, with everything that it starts.

Starts it, finds all its processes, kills them at one moment or one of them alone. Knows
runtime.json and /proc; what is to be killed when is decided in acts.py.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.faults.processes import EndedByItself
from venue.processes import BY_NAME
from venue.servers import left_over, ports
from venue.servers.needs import needs_of
from venue.servers.runtime import RuntimeInfo, find_running
from venue.settings.settings import load_settings

READY_SECONDS = 120.0
STOP_SECONDS = 60.0
SETTINGS = (
    "nats.port=0",
    "fix_marketdata.port=0",
    "fix_dropcopy.port=0",
    "journal.segment_mib=1",
    "journal.snapshot_events=5000",
)
_POLL_SECONDS = 0.01


class Wrong(Exception):
    """The venue did what it may not do, or left undone what it has to do."""


class SupervisedVenue:
    """`venue run` on a directory; it may be started again and again.

    environment: settings that hold passwords, as variables.
    """

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.address = ("127.0.0.1", ports.free_port())
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._said = b""
        self._said_before = 0
        self._urls = ("", "")

    @property
    def journal(self) -> Path:
        """Directory of the journal."""
        return self.data_dir / "journal"

    @property
    def nats_url(self) -> str:
        """With its password, as it was when the venue was last ready."""
        return self._urls[0]

    @property
    def database_url(self) -> str:
        """The reader's, with its password, as it was when the venue was last ready."""
        return self._urls[1]

    @property
    def writer_url(self) -> str:
        """Its database as clearing logs on, with its password."""
        clearing = BY_NAME["clearing"]
        needs = needs_of(clearing, load_settings(data_dir=self.data_dir))
        return needs[clearing.needs.index("database_url")]

    @property
    def runtime(self) -> RuntimeInfo:
        """What runtime.json says. Raises EndedByItself when it says nothing."""
        info = find_running(self.data_dir)
        if info is None:
            raise EndedByItself(f"no venue runs in {self.data_dir.name}: {self.last_line()}")
        return info

    def start(self) -> None:
        """Start it; `is_ready` tells when logons are accepted."""
        assert self._process is None
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "venue", "run", "--data-dir", str(self.data_dir)]
        for setting in (*SETTINGS, f"fix.port={self.address[1]}"):
            command += ["--set", setting]
        with self._errors.open("ab") as errors:
            self._said_before = errors.tell()
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._said = b""

    def is_ready(self) -> bool:
        """Whether it has said that logons are accepted. Raises EndedByItself."""
        process = self._running()
        assert process.stdout is not None
        self._said += process.stdout.read() or b""
        if not self._said.startswith(b"venue ready "):
            if process.poll() is not None:
                raise EndedByItself(
                    f"venue run ended with {process.returncode}: {self.last_line()}"
                )
            return False
        self._urls = (self.runtime.nats, self.runtime.database)
        return True

    def status(self) -> int | None:
        """Exit status of the supervisor; None while it runs."""
        return self._running().poll()

    def lines(self) -> list[str]:
        """What it has said on stderr since its last start."""
        with self._errors.open("rb") as errors:
            errors.seek(self._said_before)
            return errors.read().decode(errors="replace").strip().splitlines()

    def last_line(self) -> str:
        """What it said last on stderr."""
        return (self.lines() or [""])[-1]

    def family(self) -> list[int]:
        """Pids of the supervisor and of everything that came from it."""
        parents = {
            int(entry.name): left_over.parent_of(int(entry.name))
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit()
        }
        process = self._running()
        if process.poll() is not None:  # its pid may be a stranger's by now
            return []
        family = {process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        assert os.getpid() not in family
        return sorted(family)

    def kill_whole(self, draw: random.Random) -> list[int]:
        """kill -9 of everything at one moment, in any order; the pids that were there."""
        pids = self.family()
        draw.shuffle(pids)
        for pid in pids:
            _kill(pid)
        self._forget()
        return pids

    def kill_supervisor(self) -> list[int]:
        """kill -9 of the supervisor alone; the pids that were there, it among them."""
        pids = self.family()
        self._running().kill()
        self._forget()
        return pids

    def kill_trading(self) -> None:
        """kill -9 of trading alone."""
        _kill(self.runtime.processes["trading"])

    def freeze_trading(self) -> None:
        """Trading takes no turn any more, until it is killed."""
        os.kill(self.runtime.processes["trading"], signal.SIGSTOP)

    def ask_to_stop(self) -> None:
        """SIGTERM to the supervisor."""
        self._running().send_signal(signal.SIGTERM)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Its exit status, once it has ended. Raises EndedByItself when it does not."""
        try:
            self._running().wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise EndedByItself(f"venue run did not end in {seconds:g} s") from error
        return self._forget()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until logons are accepted. Raises EndedByItself."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise EndedByItself(f"venue run was not ready in {seconds:g} s")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop it by SIGTERM. Raises EndedByItself when its status is not 0."""
        self.ask_to_stop()
        status = self.wait()
        if status != 0:
            raise EndedByItself(f"venue run ended with {status} when asked to: {self.last_line()}")

    def end(self) -> None:
        """Kill what still runs."""
        if self._process is not None:
            self.kill_whole(random.Random(0))

    @property
    def _errors(self) -> Path:
        return self.data_dir.with_name(self.data_dir.name + ".stderr")

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def _forget(self) -> int:
        """Reap the supervisor."""
        process, self._process = self._running(), None
        status = process.wait(STOP_SECONDS)
        assert process.stdout is not None
        process.stdout.close()
        return status


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it died of its parent's death a moment before
