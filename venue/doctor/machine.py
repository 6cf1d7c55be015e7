"""The machine: Python, core, compiler, processors, open files, memory, clock, network.

`facts` asks the system; `findings` judges what it has said, and asks nobody.
"""

import ctypes
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from venue import compiled_core
from venue.doctor.finding import Finding, error, warning
from venue.memory_place import memory_place

LEAST_PYTHON = (3, 11)
LEAST_CORES = 2
SPARE_FILES = 1_024
"""Files of a process beside those of its connections."""
LEAST_BACKLOG = 512
MOST_CLOCK_ERROR_MS = 100.0
COMPILERS = ("c++", "g++", "clang++")
_STA_UNSYNC = 0x40
_NOT_SYNCHRONISED = 5
_US_PER_MS = 1_000


class MachineFacts(NamedTuple):
    """What the system says. files: most open files of a process. backlog: net.core.somaxconn.

    client_ports: the range from which the system gives ports to clients. clock_error_ms: the most
    that the kernel believes the clock to be off; None: it does not say.
    """

    python: tuple[int, int]
    why_pure: str | None
    compiler: str | None
    cores: int
    files: int
    has_memory_place: bool
    clock_is_synchronised: bool | None
    clock_error_ms: float | None
    backlog: int | None
    client_ports: tuple[int, int] | None


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as it is read; the rest is room."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    ]


def facts() -> MachineFacts:
    """Ask the system."""
    place = memory_place(make=True)
    if place is not None:
        os.close(place[1])
    synchronised, error_ms = _clock()
    ports = _numbers("/proc/sys/net/ipv4/ip_local_port_range")
    backlog = _numbers("/proc/sys/net/core/somaxconn")
    return MachineFacts(
        (sys.version_info.major, sys.version_info.minor),
        compiled_core.why_pure(),
        next((found for each in COMPILERS if (found := shutil.which(each))), None),
        len(os.sched_getaffinity(0)),
        resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        place is not None,
        synchronised,
        error_ms,
        backlog[0] if backlog else None,
        (ports[0], ports[1]) if len(ports) == 2 else None,
    )


def _clock() -> tuple[bool | None, float | None]:
    """Whether the kernel's clock is disciplined, and how far it may be off, by adjtimex(2)."""
    timex = _Timex()
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.byref(timex)) if hasattr(libc, "adjtimex") else -1
    if state < 0:
        return None, None
    is_synchronised = state != _NOT_SYNCHRONISED and not timex.status & _STA_UNSYNC
    return is_synchronised, timex.maxerror / _US_PER_MS


def _numbers(path: str) -> list[int]:
    try:
        return [int(word) for word in Path(path).read_text().split()]
    except (OSError, ValueError):  # another system, or a container that hides it
        return []


def findings(found: MachineFacts, sessions: int, ports: dict[str, int]) -> Iterator[Finding]:
    """Judge them. sessions: that may log on. ports: that are configured, by setting."""
    yield from _core(found)
    yield from _clock_findings(found)
    if found.cores < LEAST_CORES:
        yield warning(
            "FEW_CORES",
            f"there is {found.cores} processor core for trading, its followers and both servers",
            f"give the machine {LEAST_CORES} or more: followers are behind whenever trading works",
        )
    wanted = SPARE_FILES + 2 * sessions
    if found.files < wanted:
        yield error(
            "FEW_OPEN_FILES",
            f"a process may have {found.files} files open; {sessions} sessions want {wanted}",
            f"raise the hard limit: LimitNOFILE={wanted * 2} of the unit, or ulimit -Hn",
        )
    if not found.has_memory_place:
        yield error(
            "NO_SHARED_MEMORY",
            "/dev/shm is not there, or its directory for this account is not its own",
            "mount a tmpfs at /dev/shm (docker: --shm-size), remove /dev/shm/venue-UID of others",
        )
    if found.backlog is not None and found.backlog < LEAST_BACKLOG:
        yield warning(
            "SMALL_BACKLOG",
            f"net.core.somaxconn is {found.backlog}: of many clients at once some are turned away",
            "sysctl -w net.core.somaxconn=4096, and the same in /etc/sysctl.d",
        )
    low, high = found.client_ports or (1, 0)
    for setting, port in ports.items():
        if low <= port <= high:
            yield warning(
                "PORT_OF_CLIENTS",
                f"{setting} = {port} lies in {low} to {high}, which the system gives to clients: "
                "one may have it when the venue starts",
                "choose a lower port, or name it in net.ipv4.ip_local_reserved_ports",
            )


def _core(found: MachineFacts) -> Iterator[Finding]:
    if found.python < LEAST_PYTHON:
        yield error(
            "OLD_PYTHON",
            "this is Python {}.{}".format(*found.python),
            "install Python {}.{} or later, then make setup".format(*LEAST_PYTHON),
        )
    if found.why_pure is not None:
        yield warning(
            "CORE_NOT_COMPILED",
            f"the core runs as source, several times slower: {found.why_pure}",
            compiled_core.how_to_compile(),
        )
        if found.compiler is None:
            yield warning(
                "NO_COMPILER",
                f"none of {', '.join(COMPILERS)} is there to compile it",
                "install g++ and Python's headers, or a compiled wheel",
            )


def _clock_findings(found: MachineFacts) -> Iterator[Finding]:
    do = "run chrony or systemd-timesyncd; in a container, on its host"
    if found.clock_is_synchronised is False:
        yield warning("CLOCK_NOT_SYNCHRONISED", "nobody sets the machine's clock right", do)
    elif found.clock_error_ms is not None and found.clock_error_ms > MOST_CLOCK_ERROR_MS:
        what = f"the clock may be {found.clock_error_ms:.0f} ms off, as the kernel believes"
        yield warning("CLOCK_ERROR", what, do)
