"""What the operating system says of a process and of the machine. Reads /proc only."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


class ProcessUse(NamedTuple):
    """What a process has taken: seconds of processor since its start, memory now, open files."""

    cpu_seconds: float
    resident_bytes: int
    open_files: int


class MachineUse(NamedTuple):
    """The machine. cpu_seconds: by mode, since it started."""

    cpu_seconds: dict[str, float]
    memory_bytes: int
    available_bytes: int
    load1: float


def process_use(pid: int) -> ProcessUse | None:
    """What a process uses; None: it is gone, or another account's."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208, paths are not needed
    except OSError:
        return None
    cpu = (int(fields[11]) + int(fields[12])) / _TICKS
    return ProcessUse(cpu, int(fields[21]) * _PAGE_BYTES, files)


def machine_use() -> MachineUse:
    """What the machine does. Raises OSError where there is no /proc."""
    first = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    seconds = dict(zip(_MODES, (int(each) / _TICKS for each in first), strict=False))
    lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    memory = {words[0].rstrip(":"): int(words[1]) << 10 for words in lines if len(words) > 1}
    return MachineUse(seconds, memory["MemTotal"], memory["MemAvailable"], os.getloadavg()[0])
