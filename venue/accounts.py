"""Names of Unix accounts and groups. May wait for the system's directory: not for trading's loop
once it runs."""

import grp
import pwd


def account_name(uid: int) -> str:
    """The account's name; one without a name is called by its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def account_id(text: str) -> int | None:
    """The uid of an account that is given by name or number; None: there is no such name."""
    if text.isdecimal():
        return int(text)
    try:
        return pwd.getpwnam(text).pw_uid
    except KeyError:
        return None


def group_id(text: str) -> int | None:
    """The gid of a group that is given by name or number; None: there is no such name."""
    if text.isdecimal():
        return int(text)
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        return None
