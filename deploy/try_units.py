"""Boots a clean Debian under systemd, installs the venue as docs/DEPLOY.md says, and tries it.

`python -m deploy.try_units [--work DIR]`, as root, with debootstrap and systemd-nspawn. What the
document tells to type is typed, but for the wheel, which is built of the checkout. Ends with
status 0 only if the units start, come back after `kill -9` and a restart, back up, are not tried
again with a configuration that is none, and leave nothing when they are stopped.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.container.chroot import Root
from deploy.container.dockerfile import read_stages
from deploy.container.scratch import StepFailed, say, tried
from deploy.container.try_in_chroot import SOURCE, clean_root, passed_on
from deploy.try_wheel import build_wheel

PACKAGES = ("dbus", "procps", "systemd", "systemd-sysv")
NEEDS = ("debootstrap", "nsenter", "systemd-nspawn")
_SECTION = re.compile(r"^## A server: systemd\n+```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PATIENCE_SECONDS = 120.0
_PLACE = "/srv/venue"


def typed() -> tuple[list[str], str]:
    """What the document tells to type: before systemd has to be there, and with it."""
    found = _SECTION.search((SOURCE / "docs" / "DEPLOY.md").read_text())
    if found is None:
        raise StepFailed("docs/DEPLOY.md has no block on systemd")
    lines = found[1].splitlines()
    return lines[:-1], lines[-1]


def installed(work: Path) -> Root:
    """A clean root in which all but the last line was typed. Raises StepFailed."""
    root = clean_root(work / "root", read_stages(SOURCE / "Dockerfile")[0].base, PACKAGES)
    say("building the pure wheel")
    wheel = build_wheel(work / "wheel", "pure")
    place = root.path / _PLACE.lstrip("/")
    shutil.copytree(SOURCE / "deploy" / "systemd", place / "deploy" / "systemd")
    shutil.copy(wheel, place)
    root.mount()
    try:
        cache = Path.home() / ".cache" / "pip"
        cache.mkdir(parents=True, exist_ok=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **passed_on()}
        root.bind(cache, f"{environment['HOME']}/.cache/pip")
        for line in typed()[0]:
            say(line)
            ours = line.replace("'venue[gateway]'", f"--quiet '{_PLACE}/{wheel.name}[gateway]'")
            if root.run(["/bin/sh", "-ec", ours], environment, _PLACE) != 0:
                raise StepFailed(line)
    finally:
        root.unmount()
    return root


class Booted:
    """A root that systemd runs in, with a network of its own; ends with the context."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._container: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> "Booted":
        (self._root.path / "etc" / "machine-id").unlink(missing_ok=True)
        options = ["--boot", "--register=no", "--keep-unit", "--private-network", "--quiet"]
        self._container = subprocess.Popen(
            ["systemd-nspawn", f"--directory={self._root.path}", *options, "--console=read-only"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        try:
            self.wait("systemd", lambda: bool(self._find_leader()))
            self.wait("its bus", lambda: self.told("systemctl is-system-running") != "")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._container is not None
        if self._leader:
            self.run("systemctl poweroff")
        try:
            self._container.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait()

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of shell in it, as its root."""
        enter = ["nsenter", f"--target={self._leader}", *("-m", "-p", "-n", "-u", "-i", "-C")]
        return subprocess.run(
            [*enter, "/bin/sh", "-ec", command],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def told(self, command: str) -> str:
        """What a line prints, whatever its status."""
        return self.run(command).stdout.strip()

    def wait(self, what: str, happened: Callable[[], bool]) -> None:
        """Wait until something holds. Raises StepFailed."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not happened():
            assert self._container is not None
            if time.monotonic() > deadline or self._container.poll() is not None:
                journal = self.told("journalctl -u venue -n 20 --no-pager -o cat")
                raise StepFailed(f"{journal}\nnot seen: {what}")
            time.sleep(0.5)
        say(what)

    def _find_leader(self) -> int:
        """The process that is 1 in there."""
        assert self._container is not None
        waiting = [self._container.pid]
        while waiting:
            pid = waiting.pop()
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                self._leader = pid
                break  # what it has started is not the first
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return self._leader


def try_out(booted: Booted) -> None:
    """All that docs/DEPLOY.md promises of the units. Raises StepFailed."""

    def shows(properties: str, unit: str = "venue") -> bool:
        """Whether a unit has these properties."""
        told = booted.told(f"systemctl show {unit}").splitlines()
        return set(properties.split()) <= set(told)

    def answers() -> bool:
        asked = "runuser -u venue -- /opt/venue/bin/venue --data-dir /var/lib/venue/data day status"
        return booted.run(asked).returncode == 0

    last = typed()[1]
    say(last)
    if booted.run(last).returncode != 0:
        raise StepFailed(last)
    booted.wait("the venue answers", answers)
    booted.run("kill -9 $(systemctl show -p MainPID --value venue)")
    booted.wait("killed, it was started again", lambda: shows("NRestarts=1 SubState=running"))
    booted.wait("and answers", answers)
    booted.run("systemctl restart venue")
    booted.wait("restarted, it answers", answers)
    booted.run("systemctl start venue-backup.service")
    made = "ls /var/lib/venue-backup"
    booted.wait("a backup was made", lambda: shows("Result=success", "venue-backup"))
    if not booted.told(made):
        raise StepFailed(f"{made} shows none")
    booted.run("systemctl start venue-gate@9898")
    booted.wait("one more gate is open", lambda: shows("SubState=running", "venue-gate@9898"))
    booted.run(f"systemctl stop venue && cp /etc/venue/venue.toml {_PLACE}")
    booted.run("echo 'x = 1' >> /etc/venue/venue.toml; systemctl start venue")
    refused = "ActiveState=failed ExecMainStatus=2 NRestarts=0"
    booted.wait("a configuration that is none is refused once", lambda: shows(refused))
    booted.run(f"cp {_PLACE}/venue.toml /etc/venue/ && systemctl reset-failed venue")
    booted.run("systemctl start venue")
    booted.wait("mended, it answers", answers)
    booted.run("systemctl stop venue")
    booted.wait("it has stopped", lambda: shows("ActiveState=inactive Result=success"))
    left = booted.told("pgrep -u venue")
    if left:
        raise StepFailed(f"processes are left: {left}")


def main() -> int:
    """Do all of it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="kept; else a scratch directory, removed")
    options = parser.parse_args()
    return tried("try_units", NEEDS, options.work, _try, "the units do what they promise")


def _try(work: Path) -> None:
    with Booted(installed(work)) as booted:
        try_out(booted)


if __name__ == "__main__":
    sys.exit(main())
