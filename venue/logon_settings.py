"""The settings of logons in the types of authentication.

Knows the types of both sides only. Must never read a file but the store of credentials.
"""

from venue.fix.access import Access
from venue.fix.authentication import Limits
from venue.fix.credentials import Credentials
from venue.fix.signature import read_public_key
from venue.settings.session_kinds import SessionKind
from venue.settings.settings import Settings

_NS_PER_HOUR = 3_600_000_000_000


def access_of(settings: Settings) -> dict[str, Access]:
    """Addresses and certificates of the enabled sessions."""
    return {
        session.comp_id: Access(
            settings.allowed_addresses(session.comp_id), frozenset(session.certificate_sha256)
        )
        for session in settings.sessions
        if session.enabled
    }


def elsewhere(settings: Settings, kind: SessionKind) -> dict[str, str]:
    """What to say to the sessions of other kinds where this kind logs on, by CompID."""
    said = {}
    for session in settings.sessions:
        if session.enabled and session.kind != kind:
            port = settings.listens(session.kind).port
            by_gate = 0 if settings.gate is None else settings.gate.ports().get(session.kind, 0)
            where = f": its port is {port}" if port else ""
            where += f", of the gate {by_gate}" if port and by_gate else ""
            said[session.comp_id] = (
                f"WRONG_PORT {session.comp_id} is a {session.kind} session{where}"
            )
    return said


def credentials_of(settings: Settings) -> Credentials:
    """The store of the data directory. Raises ConfigurationError when it cannot be read."""
    overlap_ns = settings.fix.password_overlap_hours * _NS_PER_HOUR
    credentials = Credentials(settings.data_dir, overlap_ns=overlap_ns)
    configure_credentials(credentials, settings)
    return credentials


def configure_credentials(credentials: Credentials, settings: Settings) -> None:
    """Give the store the sessions with the demo password, and the configured public keys."""
    sessions = settings.sessions
    credentials.configure(
        [session.comp_id for session in sessions if session.has_demo_password],
        {
            session.comp_id: read_public_key(session.public_key)
            for session in sessions
            if session.public_key is not None
        },
    )


def limits_of(settings: Settings) -> Limits:
    """How often somebody may try to log on."""
    fix = settings.fix
    return Limits(fix.lockout_failures, float(fix.lockout_seconds), fix.logons_per_minute)
