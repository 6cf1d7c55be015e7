"""Files with a version inside: credentials, numbers reserved ahead, books, copies of configuration.

Knows where they are and which version this program reads; decodes no more than the version.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from venue.checked_configuration import CONFIGURATION_COPY_VERSION, CheckedConfiguration
from venue.data_directory import DataDirectory
from venue.doctor.finding import Finding, error
from venue.fix.credentials_file import CREDENTIALS_VERSION
from venue.fixdata.numbers import NUMBERS_VERSION
from venue.marketdata.books_file import BOOKS_VERSION
from venue.notify.channels import CHANNELS_VERSION
from venue.operators.operators_file import OPERATORS_VERSION
from venue.processes import DATA_PROCESSES
from venue.readers_file import READERS_VERSION
from venue.upgrade.format import Format, NextStart


class _Version(msgspec.Struct):
    version: int | None = None
    v: int | None = None


def formats(place: DataDirectory) -> Iterator[Format]:
    """Judge those that there are."""
    kept = {
        "credentials": (place.credentials, CREDENTIALS_VERSION),
        "operators": (place.operators, OPERATORS_VERSION),
        "readers": (place.readers, READERS_VERSION),
        "notifications": (place.notifications, CHANNELS_VERSION),
    }
    for process in DATA_PROCESSES:
        store = f"numbers reserved by {process.name}"
        kept[store] = (place.session_numbers(process.name), NUMBERS_VERSION)
    for store, (path, version) in kept.items():
        if path.exists():
            yield _kept(store, path, version)
    made = {
        "configuration copy": (CheckedConfiguration(place.path).index, CONFIGURATION_COPY_VERSION),
        "books": (place.books, BOOKS_VERSION),
    }
    for store, (path, version) in made.items():
        if path.exists():
            found = _version_in(path)
            same = NextStart.WORKS if found == version else NextStart.MADE_AGAIN
            yield _format(store, found, version, same)
    if place.gateway.exists():
        yield _gateway(place.gateway)


def _kept(store: str, path: Path, version: int) -> Format:
    """A file that nothing can make again."""
    found = _version_in(path)
    if found == version:
        return _format(store, found, version, NextStart.WORKS)
    what = "cannot be read" if found is None else f"has version {found}"
    return _format(
        store,
        found,
        version,
        NextStart.REFUSES,
        error(
            "FILE_OF_OTHER_VERSION",
            f"{path} {what}; this program reads {version}",
            f"install the version that wrote it, or restore {path.name} from a backup",
        ),
    )


def _format(
    store: str, found: int | None, version: int, next_start: NextStart, *findings: Finding
) -> Format:
    on_disk = [] if found is None else [str(found)]
    return Format(store, on_disk, [str(version)], str(version), next_start, list(findings))


def _version_in(path: Path) -> int | None:
    """The version that a file says; None where it cannot be read."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Version)
    except (OSError, msgspec.MsgspecError):
        return None
    return found.v if found.version is None else found.version


def _gateway(path: Path) -> Format:
    """The gateway's tables, in a file without a version: its columns tell."""
    from venue.gateway.schema import missing_columns  # here: who has no gateway needs it not

    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            missing = missing_columns(connection)
        finally:
            connection.close()
    except sqlite3.Error as unreadable:
        spoilt = error("GATEWAY_UNREADABLE", f"{path}: {unreadable}", "restore it from a backup")
        return Format("gateway", [], [], "", NextStart.REFUSES, [spoilt])
    on_disk = [f"without {', '.join(missing)}"] if missing else ["present"]
    next_start = NextStart.MIGRATES if missing else NextStart.WORKS
    return Format("gateway", on_disk, ["present", "older"], "present", next_start)
