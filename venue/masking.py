"""Hides what no log may show: passwords and raw data in FIX text, and secrets in URLs.

Pure text in, text out. Hides too much rather than too little; never changes text without a secret.
"""

import re

MASK = "***"
_SECRET_TAGS = ("554", "925", "96")
"""Password, NewPassword, RawData."""
_SECRETS = tuple(f"{tag}=" for tag in _SECRET_TAGS)
_SECRETS_IN_BYTES = tuple(field.encode() for field in _SECRETS)

_SEPARATOR = r"\x01|\||\^A|\\x01|\\u0001|<SOH>|\u2401|\xe2\x90\x81"
"""How FIX's field delimiter is written: itself, or as logs and reprs show it; its symbol, U+2401,
as text and as bytes that were read as latin-1."""

_SECRET_FIELD = re.compile(
    rf"(?:(?P<separator>{_SEPARATOR})|(?:^|(?<=[\s\"'(\[{{,;:])))"
    rf"0*(?:95=(?P<length>\d{{1,9}})(?P<between>{_SEPARATOR})96|{'|'.join(_SECRET_TAGS)})="
)
_ANY_SEPARATOR = re.compile(_SEPARATOR)

_SERVER_USER_INFO = re.compile(
    r"\b(?P<scheme>(?:postgres(?:ql)?|nats|tls|wss?)(?:\+\w+)?)://(?P<info>[^\s,]*)@", re.IGNORECASE
)
_ANY_USER_INFO = re.compile(
    r"(?P<start>\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*):[^\s/?#]*@", re.IGNORECASE
)
_PASSWORD_PARAMETER = re.compile(r"(?P<name>[?&](?:password|token)=)[^&\s]*", re.IGNORECASE)


def may_hold_secret(text: str | bytes) -> bool:
    """Whether `mask_fix` might hide something in `text`. False is certain, for any part of it, too.

    rfind takes a third of the time that `in` takes on FIX text.
    """
    if isinstance(text, bytes):
        return any(text.rfind(field) >= 0 for field in _SECRETS_IN_BYTES)
    return any(text.rfind(field) >= 0 for field in _SECRETS)


def mask_fix(text: str) -> str:
    """Hide the values of Password(554), NewPassword(925) and RawData(96) wherever FIX text stands.

    RawData is skipped by RawDataLength(95) when that stands before it, for it may contain the
    delimiter; a length that does not end at a delimiter hides all that follows.
    """
    if not may_hold_secret(text):
        return text
    masked: list[str] = []
    position = 0
    while found := _SECRET_FIELD.search(text, position):
        masked += (text[position : found.end()], MASK)
        position = _end_of_value(text, found)
    masked.append(text[position:])
    return "".join(masked)


def mask_url(url: str) -> str:
    """Hide the password of `scheme://user:password@host`, and the whole token of `nats://token@host`."""
    if "://" not in url:
        return url
    url = _SERVER_USER_INFO.sub(_masked_user_info, url)
    url = _ANY_USER_INFO.sub(rf"\g<start>:{MASK}@", url)
    return _PASSWORD_PARAMETER.sub(rf"\g<name>{MASK}", url)


def _end_of_value(text: str, found: re.Match[str]) -> int:
    start = found.end()
    separator = found["between"] or found["separator"]
    if found["length"] is not None:
        end = start + int(found["length"])
        return end if text.startswith(separator, end) else len(text)
    if separator is not None:
        end = text.find(separator, start)
        return end if end >= 0 else len(text)
    following = _ANY_SEPARATOR.search(text, start)
    return following.start() if following else len(text)


def _masked_user_info(found: re.Match[str]) -> str:
    user, colon, _ = found["info"].partition(":")
    if colon:
        return f"{found['scheme']}://{user}:{MASK}@"
    is_user_name = found["scheme"].lower().startswith("postgres")
    return f"{found['scheme']}://{user if is_user_name else MASK}@"
