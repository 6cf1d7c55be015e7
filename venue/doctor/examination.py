"""Runs all checks, in the order in which a person would mend what they find.

A configuration that cannot be read is a finding, and what does not need it is checked all the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from venue.doctor import configuration, disk, machine, start
from venue.doctor.finding import Finding, Level, error
from venue.servers import ServerError, nats, postgres
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings


class Examination(msgspec.Struct, frozen=True):
    """What was found, and what was measured, by name, in words."""

    findings: list[Finding]
    measured: dict[str, str]

    @property
    def errors(self) -> list[Finding]:
        """Those that have to be mended."""
        return [each for each in self.findings if each.level is Level.ERROR]


def examine(
    load: Callable[[], Settings],
    machine_facts: Callable[[], machine.MachineFacts] = machine.facts,
    disk_facts: Callable[[Path], disk.DiskFacts] = disk.facts,
) -> Examination:
    """Check all. load: reads the configuration, raises ConfigurationError. The others ask."""
    found = machine_facts()
    measured = _measured(found)
    try:
        settings = load()
    except ConfigurationError as wrong:
        findings = [
            *(error("CONFIGURATION_WRONG", line, "correct it: the venue does not start with it")
              for line in str(wrong).splitlines()),
            *machine.findings(found, 0, {}),
        ]  # fmt: skip
        return Examination(findings, measured)
    on_disk = disk_facts(settings.data_dir)
    measured |= {
        "data directory": str(settings.data_dir),
        "fdatasync": "unknown" if on_disk.sync_ms is None else f"{on_disk.sync_ms:.2f} ms",
        "disk free": f"{on_disk.free_bytes >> 20} MiB",
    }
    return Examination([*_all(settings, found, on_disk)], measured)


def _all(
    settings: Settings, found: machine.MachineFacts, on_disk: disk.DiskFacts
) -> Iterator[Finding]:
    sessions = sum(each.enabled for each in settings.sessions)
    ports = {name: port for name, (_, port) in start.configured_ports(settings).items()}
    yield from start.findings(settings)
    yield from disk.findings(on_disk, settings)
    yield from configuration.findings(settings)
    yield from machine.findings(found, sessions, ports)


def _measured(found: machine.MachineFacts) -> dict[str, str]:
    error_ms = found.clock_error_ms
    return {
        "python": "{}.{}".format(*found.python),
        "core": "compiled" if found.why_pure is None else "pure",
        "compiler": found.compiler or "none",
        "cores": str(found.cores),
        "open files": str(found.files),
        "clock error": "unknown" if error_ms is None else f"{error_ms:.1f} ms at most",
        "nats-server": _version(nats.major_version),
        "PostgreSQL": _version(postgres.major_version),
    }


def _version(installed: Callable[[], str]) -> str:
    try:
        return installed()
    except ServerError:
        return "none"
