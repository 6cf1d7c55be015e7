"""Where an operator's login is kept: a file of his own, 0600, one for each data directory.

Below XDG_STATE_HOME, or ~/.local/state. It has a token that ends with the shift, no password.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from venue.durable_file import replace_durably


class Login(msgspec.Struct, frozen=True):
    """A login. data_dir: of the venue that it is good for, for whoever reads the file."""

    name: str
    token: str
    data_dir: str


class LoginUnreadable(Exception):
    """A login file cannot be read; the text is one line for the user."""


def login_of(data_dir: Path) -> Login | None:
    """The login at this venue; None: there is none. Raises LoginUnreadable."""
    path = login_file(data_dir)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Login)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise LoginUnreadable(f"{path} cannot be read: {error}; venue operator logout") from error


def keep_login(data_dir: Path, name: str, token: str) -> None:
    """Keep a login. Raises OSError."""
    path = login_file(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_durably(path, msgspec.json.encode(Login(name, token, str(data_dir.resolve()))))


def forget_login(data_dir: Path) -> None:
    """Remove the login, if there is one. Raises OSError."""
    login_file(data_dir).unlink(missing_ok=True)


def login_file(data_dir: Path) -> Path:
    """Its path; the data directory is named by a digest, for its own path may be long."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:32]
    return Path(state) / "venue" / "logins" / f"{name}.json"
