"""The configuration: demo passwords, certificates, what is open to others, what is not in force.

Judges settings that were read; the files beside them are read only to compare.
"""

from collections.abc import Iterator

from venue.addresses import is_loopback
from venue.checked_configuration import CheckedConfiguration
from venue.data_directory import DataDirectory
from venue.doctor.finding import Finding, error, warning
from venue.fix.credentials_file import read_credentials
from venue.metrics.servers import certificate_ends, days_left
from venue.settings.configuration_error import ConfigurationError
from venue.settings.settings import Settings

LEAST_DAYS = 30
_NAMES_SHOWN = 8


def findings(settings: Settings) -> Iterator[Finding]:
    """Judge them."""
    yield from _demo_passwords(settings)
    yield from _certificates(settings)
    yield from _open(settings)
    yield from _not_in_force(settings)


def _demo_passwords(settings: Settings) -> Iterator[Finding]:
    try:
        kept = read_credentials(DataDirectory(settings.data_dir).credentials)
    except ConfigurationError as unreadable:
        yield error(
            "CREDENTIALS_UNREADABLE",
            str(unreadable),
            "restore credentials.json from a backup, or remove it and set the passwords again",
        )
        return
    names = [
        each.comp_id
        for each in settings.sessions
        if each.enabled
        and each.has_demo_password
        and not (each.comp_id in kept and kept[each.comp_id].passwords)
    ]
    if names:
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        yield warning(
            "DEMO_PASSWORD",
            f"everybody knows the password of {', '.join(names[:_NAMES_SHOWN])}{more}",
            "venue session password NAME, for each, before anybody else can connect",
        )


def _certificates(settings: Settings) -> Iterator[Finding]:
    gate = settings.gate
    ends = certificate_ends(gate)
    for file in filter(None, () if gate is None else (gate.certificate, gate.client_ca)):
        if file.name not in ends:
            yield error(
                "CERTIFICATE_UNREADABLE",
                f"{file} is no certificate",
                "put a PEM file there; the gate reads it by itself",
            )
    for name, end in ends.items():
        days = days_left(end)
        do = "renew it and replace the file: the gate reads it by itself, and nobody is dropped"
        if days < 0:
            yield error("CERTIFICATE_ENDED", f"{name} has ended {-days:.0f} days ago", do)
        elif days < LEAST_DAYS:
            yield warning("CERTIFICATE_ENDS", f"{name} ends in {days:.0f} days", do)


def _open(settings: Settings) -> Iterator[Finding]:
    hosts = {"fix.host": settings.fix.host} if settings.gate is None else {}
    for setting, host in hosts.items():
        if not is_loopback(host):
            yield warning(
                "OPEN_WITHOUT_TLS",
                f"{setting} = {host}: FIX can be read and changed on its way",
                "configure [gate] with a certificate, and leave FIX on loopback",
            )
    for setting, host in _asks_no_password(settings):
        if not is_loopback(host):
            yield warning(
                "OPEN_WITHOUT_PASSWORD",
                f"{setting} = {host}: who reaches that address is asked for no password",
                "let only Prometheus reach it, or a proxy that asks who it is",
            )


def _asks_no_password(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.metrics.enabled:
        yield "metrics.host", settings.metrics.host


def _not_in_force(settings: Settings) -> Iterator[Finding]:
    """Files that differ from the copy with which the venue was started, or last applied."""
    checked = CheckedConfiguration(settings.data_dir)
    if not checked.index.exists():  # it was never started
        return
    try:
        changed = [
            str(file)
            for file, copy in checked.files().items()
            if not file.exists() or file.read_bytes() != copy.read_bytes()
        ]
    except (ConfigurationError, OSError) as unreadable:
        yield warning(
            "COPY_UNREADABLE",
            f"the checked copy of the configuration: {unreadable}",
            "start the venue anew: it makes another one",
        )
        return
    if changed:
        yield warning(
            "CONFIGURATION_NOT_IN_FORCE",
            f"changed since they were brought into force: {', '.join(changed)}",
            "venue config apply --dry-run says what would change; venue config apply does it",
        )
