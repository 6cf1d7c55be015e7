"""Takes one alert to one address: webhook, mail, a folder of mails, or a channel of apprise.

Blocks, at most for some seconds at each step. Whatever goes wrong is NotDelivered, whose text has
no part of the address but what `masked` shows.
"""

import hashlib
import hmac
import logging
import mailbox
import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote

import msgspec

from venue.bus.alerts import Alert
from venue.notify.channels import FOLDER, MAIL, WEBHOOK, Channel, apprise, is_near, masked
from venue.notify.message import subject_of, text_of

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
SIGNATURE, ALERT_ID = "Venue-Signature", "Venue-Alert-Id"
_NS_PER_SECOND = 1_000_000_000
_FOLDER_SENDER = "venue@localhost"


class NotDelivered(Exception):
    """The address has not taken an alert; text: where to, and why."""


def deliver(channel: Channel, alert: Alert) -> None:
    """Take the alert there. Raises NotDelivered."""
    try:
        _way_of(channel.at.scheme)(channel, alert)
    except NotDelivered:
        raise
    except Exception as error:  # of whatever library: its text may have the address in it
        raise NotDelivered(f"{masked(channel.url)}: {_reason(error)}") from error


def signature(secret: str, seconds: int, body: bytes) -> str:
    """Value of the header SIGNATURE: HMAC-SHA256 of the time, a point and the body."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={digest.hexdigest()}"


def _way_of(scheme: str) -> Callable[[Channel, Alert], None]:
    for schemes, way in ((WEBHOOK, _post), (MAIL, _mail), (FOLDER, _file)):
        if scheme in schemes:
            return way
    return _by_apprise


def _post(channel: Channel, alert: Alert) -> None:
    import requests  # here, for not every venue has such a channel

    logging.getLogger("urllib3").setLevel(logging.WARNING)  # below, it says addresses
    body = msgspec.json.encode(alert)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "venue",
        ALERT_ID: alert.id,
        SIGNATURE: signature(channel.secret, int(time.time()), body),
    }
    with requests.Session() as session:
        session.trust_env = False  # neither a .netrc nor a proxy decides where it goes
        answer = session.post(
            channel.url,
            data=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        answer.close()
    if not 200 <= answer.status_code < 300:
        raise NotDelivered(f"{masked(channel.url)}: status {answer.status_code}")


def _mail(channel: Channel, alert: Alert) -> None:
    at = channel.at
    asked = parse_qs(at.query)
    message = _message(alert, asked["from"][0], asked["to"])
    with _connected(channel) as server:
        if at.username is not None:
            server.login(unquote(at.username), unquote(at.password or ""))
        server.send_message(message)


def _connected(channel: Channel) -> AbstractContextManager[smtplib.SMTP]:
    """A mail server; off loopback never in the clear."""
    at = channel.at
    host = at.hostname or ""
    if at.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, at.port or 465, timeout=ANSWER_SECONDS, context=context)
    server = smtplib.SMTP(host, at.port or 587, timeout=ANSWER_SECONDS)
    if not is_near(channel):
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _file(channel: Channel, alert: Alert) -> None:
    folder = mailbox.Maildir(channel.at.path, create=True)
    try:
        folder.add(_message(alert, _FOLDER_SENDER, [f"{alert.member}@localhost"]))
    finally:
        folder.close()


def _by_apprise(channel: Channel, alert: Alert) -> None:
    way = apprise()()
    if not way.add(channel.url):
        raise NotDelivered(f"{masked(channel.url)}: apprise does not know it")
    if not way.notify(title=subject_of(alert), body=text_of(alert)):
        raise NotDelivered(f"{masked(channel.url)}: not taken")


def _message(alert: Alert, sender: str, receivers: list[str]) -> EmailMessage:
    """A mail with the text, and the JSON beside it; the same id however often it is sent."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(receivers)
    message["Subject"] = subject_of(alert)
    message["Date"] = format_datetime(
        datetime.fromtimestamp(alert.timestamp_ns // _NS_PER_SECOND, UTC)
    )
    message["Message-ID"] = f"<{hashlib.sha256(alert.id.encode()).hexdigest()[:40]}@venue>"
    message[ALERT_ID] = alert.id
    message.set_content(text_of(alert))
    payload = msgspec.json.format(msgspec.json.encode(alert), indent=2)
    message.add_attachment(
        payload, maintype="application", subtype="json", filename=f"{alert.type}.json"
    )
    return message


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"status {error.smtp_code}"
    return type(error).__name__
