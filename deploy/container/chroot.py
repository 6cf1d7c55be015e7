"""A root directory in which commands run as in a container: mounts of its own, users by number.

Knows chroot and mounts, which only root may make; they are in this process's mount namespace and
end with it. Nothing is left mounted outside.
"""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_LIBC = ctypes.CDLL(None, use_errno=True)
_CHROOT = "/usr/sbin/chroot"
_DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
"""What a container's /dev has, of /proc/self (OCI runtime specification, default devices)."""
_OF_THE_MACHINE = (
    "etc/resolv.conf",
    "etc/pip.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "etc/apt/apt.conf.d",
    "etc/apt/sources.list",
    "etc/apt/sources.list.d",
    "usr/share/keyrings",
    "usr/local/share/ca-certificates",
)
"""What lets package managers in the root reach what they reach outside of it."""


def leave_mounts() -> None:
    """Let what this process mounts be seen by itself and its children only. Raises OSError."""
    if _LIBC.unshare(_CLONE_NEWNS) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"no mount namespace: {os.strerror(number)}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def mounted_below(path: Path) -> list[Path]:
    """Mount points below a directory, the innermost first."""
    points = [Path(line.split()[1]) for line in Path("/proc/self/mounts").read_text().splitlines()]
    return sorted((each for each in points if each.is_relative_to(path)), reverse=True)


class Root:
    """One root directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def adopt_machine(self) -> None:
        """Copy what says where this machine gets packages; what is not there is left out."""
        for name in _OF_THE_MACHINE:
            source, target = Path("/", name), self.path / name
            if not source.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            # never through a link of the root's, which would lead out of it
            if source.is_dir():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(source, target)
            else:
                target.unlink(missing_ok=True)
                shutil.copyfile(source, target)

    def mount(self) -> None:
        """Mount /proc, /dev/shm and /tmp, and the devices of an image. Raises CalledProcessError.

        Never all of /dev: who removes the root must not be able to remove the machine's devices.
        """
        for kind, name in (
            ("proc", "proc"),
            ("tmpfs", "tmp"),
            ("tmpfs", "dev"),
            ("tmpfs", "dev/shm"),
        ):
            (self.path / name).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(self.path / name)], check=True)
        for name in _DEVICES:
            device = self.path / "dev" / name
            device.touch()
            subprocess.run(["mount", "--bind", f"/dev/{name}", str(device)], check=True)
        for name, target in _LINKS.items():
            (self.path / "dev" / name).symlink_to(f"/proc/self/{target}")

    def bind(self, source: Path, name: str) -> None:
        """Let a directory of this machine be seen in the root. Raises CalledProcessError."""
        target = self.path / name.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(source), str(target)], check=True)

    def unmount(self) -> None:
        """Unmount all of it, also where a process still ends. Raises CalledProcessError."""
        for point in mounted_below(self.path):
            subprocess.run(["umount", "--lazy", str(point)], check=True)

    def start(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: str = "/",
        user: str = "0:0",
        *,
        stdout: int | None = None,
    ) -> "subprocess.Popen[str]":
        """Start a program in the root with that environment and no other."""
        uid, _, gid = user.partition(":")
        enter = [_CHROOT, f"--userspec={uid}:{gid or uid}", "--groups=", str(self.path)]
        inside = ["/usr/bin/env", f"--chdir={directory}", *argv]
        return subprocess.Popen(
            [*enter, *inside],
            env=dict(environment),
            stdout=stdout,
            text=True,
            start_new_session=True,  # so that `end` reaches all that it has started
        )

    def run(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: str = "/",
        user: str = "0:0",
        seconds: float = 1800.0,
    ) -> int:
        """Run a program to its end; its exit status. Raises TimeoutExpired, and it is killed."""
        process = self.start(argv, environment, directory, user)
        try:
            return process.wait(seconds)
        finally:
            end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """Kill a program that `start` has started, and all of its session, unless they have ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
