"""All formats of a venue, in the order in which a start meets them.

A configuration that cannot be read is told, and what does not need it is looked at all the same.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from venue.data_directory import DataDirectory
from venue.doctor.finding import Finding, error
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings
from venue.upgrade import files, journal, servers
from venue.upgrade.format import Format, NextStart, worst

CONFIGURATION = "configuration"


class Upgrade(msgspec.Struct, frozen=True):
    """What the next start of this program comes to, and why."""

    formats: list[Format]

    @property
    def next_start(self) -> NextStart:
        """Of all formats together."""
        return worst(self.formats)

    @property
    def findings(self) -> list[Finding]:
        """What to know or to do, in the formats' order."""
        return [finding for each in self.formats for finding in each.findings]

    @property
    def is_configuration_wrong(self) -> bool:
        """Whether this program does not take the configuration."""
        return any(
            each.store == CONFIGURATION and each.next_start is NextStart.REFUSES
            for each in self.formats
        )


def check(
    data_dir: Path,
    load: Callable[[], Settings],
    tell: Callable[[int], None] = lambda event_seq: None,
) -> Upgrade:
    """Look at all of them. load: reads the configuration, raises ConfigurationError. tell: gets
    how far the journal is executed."""
    settings, wrong = _loaded(load)
    place = DataDirectory(data_dir)
    refuses = NextStart.REFUSES if wrong else NextStart.WORKS
    found = [Format(CONFIGURATION, [], [], "", refuses, wrong)]
    if place.path.exists():
        found += journal.formats(place.journal, settings, tell)
        found += files.formats(place)
    if settings is not None:
        found += servers.formats(settings)
    return Upgrade(found)


def _loaded(load: Callable[[], Settings]) -> tuple[Settings | None, list[Finding]]:
    try:
        return load(), []
    except ConfigurationError as wrong:
        do = "correct it: this version does not start with it"
        return None, [error("CONFIGURATION_WRONG", line, do) for line in str(wrong).splitlines()]
