"""The passwords of the gateway's own FIX sessions: in files of the data directory, else demo ones.

Knows the settings. A session of the gateway's is one whose CompID is its member's with `-API`.
"""

from venue.data_directory import DataDirectory
from venue.settings.settings import Settings


def session_secrets(settings: Settings) -> dict[str, tuple[str, str]]:
    """SenderCompID and password by member, of the sessions that have a password here."""
    place = DataDirectory(settings.data_dir)
    found = {}
    for session in settings.sessions:
        if not session.is_of_gateway:
            continue
        path = place.gateway_secret(session.comp_id)
        demo = "" if session.password is None else session.password.get_secret_value()
        password = path.read_text().strip() if path.exists() else demo
        if password:
            found[session.member] = (session.comp_id, password)
    return found
