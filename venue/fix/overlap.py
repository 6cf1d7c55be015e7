"""How long an old password or key counts beside a new one. Pure; never has a secret in clear."""

from typing import TypeVar

import msgspec

from venue.fix.credentials_file import KeptKey, KeptPassword

_NS_PER_HOUR = 3_600_000_000_000
_Kept = TypeVar("_Kept", KeptPassword, KeptKey)


def valid(kept: tuple[_Kept, ...], now_ns: int) -> tuple[_Kept, ...]:
    """Those that have not ended."""
    return tuple(each for each in kept if each.until_ns == 0 or each.until_ns > now_ns)


def ending(kept: tuple[_Kept, ...], until_ns: int, now_ns: int) -> tuple[_Kept, ...]:
    """What stays beside a new one: the newest of these, not longer than until `until_ns`."""
    newest = valid(kept, now_ns)[:1]
    ends = min(newest[0].until_ns or until_ns, until_ns) if newest else 0
    return tuple(msgspec.structs.replace(each, until_ns=ends) for each in newest if ends > now_ns)


def said(code: str, before: tuple[KeptPassword, ...] | tuple[KeptKey, ...], now_ns: int) -> str:
    """A code, and how long those before are still valid, for whoever asked."""
    if not before:
        return f"{code} no other is valid now"
    hours = (before[0].until_ns - now_ns) / _NS_PER_HOUR
    return f"{code} the old one is valid for {hours:.3g} h more"


__all__ = ["ending", "said", "valid"]
