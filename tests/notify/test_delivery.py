"""One alert to each kind of address: what arrives, what is said when it does not, and to nobody."""

import hashlib
import hmac
import json
import mailbox
from pathlib import Path

import msgspec
import pytest

from tests.notify.receivers import mail_server, web_server
from venue.bus.alerts import Alert
from venue.notify.channels import Channel, masked, wrong_with
from venue.notify.delivery import NotDelivered, deliver
from venue.notify.kinds import Kind
from venue.servers.ports import free_port

ALERT = Alert(
    type="fill",
    timestamp_ns=1_767_600_000_000_000_000,
    consumer="notifier",
    event_seq=7,
    error="ALPHA bought 100 ACME at 99.50 for 9950 USD, fee 1",
    id="1767600000000000000-7-fill-ALPHA-12",
    member="ALPHA",
    session="A1",
    symbol="ACME",
    facts={"last_qty": "100", "last_px": "99.50"},
)
NOISY = "ignore:.*imghdr.*:DeprecationWarning"
"""Of a module that apprise loads."""


def channel(url: str, secret: str = "") -> Channel:
    return Channel(url=url, secret=secret, kinds=(Kind.FILL,), since_ns=0)


def test_webhook_gets_the_json_signed_under_its_id() -> None:
    with web_server() as web:
        deliver(channel(web.url, "a secret"), ALERT)
    (posted,) = web.posted
    assert msgspec.json.decode(posted.body, type=Alert) == ALERT
    assert posted.headers["Venue-Alert-Id"] == ALERT.id
    assert posted.headers["Content-Type"] == "application/json"
    said = dict(part.split("=") for part in posted.headers["Venue-Signature"].split(","))
    signed = f"{said['t']}.".encode() + posted.body
    assert said["v1"] == hmac.new(b"a secret", signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500])
def test_webhook_that_does_not_say_it_has_it_has_not_got_it(status: int) -> None:
    with web_server() as web:
        web.status = status
        with pytest.raises(NotDelivered) as caught:
            deliver(channel(web.url), ALERT)
        assert str(caught.value) == f"http://127.0.0.1:{web.port}/***: status {status}"


def test_mail_has_text_and_json() -> None:
    with mail_server() as (url, box):
        deliver(channel(url), ALERT)
        deliver(channel(url), ALERT)
    first, again = box.mails
    assert first["Subject"] == "Trade confirmation, ALPHA, ACME"
    assert (first["From"], first["To"]) == (
        "venue@example.org",
        "desk@example.org, risk@example.org",
    )
    assert first["Message-ID"] == again["Message-ID"]
    text, attached = (part.get_content() for part in first.iter_parts())
    assert text.splitlines()[0] == ALERT.error
    assert "last_px   99.50" in text and "time      2026-01-05T08:00:00" in text
    assert msgspec.json.decode(attached, type=Alert) == ALERT


def test_folder_gets_a_mail_in_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    deliver(channel(f"maildir://{folder}"), ALERT)
    (mail,) = mailbox.Maildir(folder, create=False)
    assert mail["Venue-Alert-Id"] == ALERT.id
    assert (folder / "new").is_dir()


@pytest.mark.filterwarnings(NOISY)
def test_channel_of_apprise_gets_subject_and_text() -> None:
    with web_server() as web:
        deliver(channel(f"json://127.0.0.1:{web.port}/secret-path"), ALERT)
        web.status = 500
        with pytest.raises(NotDelivered, match=r"^json://\*\*\*: not taken$"):
            deliver(channel(f"json://127.0.0.1:{web.port}/secret-path"), ALERT)
    told = json.loads(web.posted[0].body)
    assert told["title"] == "Trade confirmation, ALPHA, ACME"
    assert told["message"].splitlines()[0] == ALERT.error


@pytest.mark.filterwarnings(NOISY)
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/hook?token=hidden",
        "smtp://someone:hidden@127.0.0.1:{port}?from=a@b.c&to=d@e.f",
        "smtps://someone:hidden@127.0.0.1:{port}?from=a@b.c&to=d@e.f",
        "json://someone:hidden@127.0.0.1:{port}/hidden",
        "maildir:///dev/null/nothing",
    ],
)
def test_who_is_not_there_is_named_without_secrets(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(NotDelivered) as caught:
        deliver(channel(url.format(port=free_port())), ALERT)
    assert "hidden" not in str(caught.value) + caplog.text
    assert str(caught.value).startswith(url.partition(":")[0])


@pytest.mark.filterwarnings(NOISY)
@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://example.org/hook", ""),
        ("http://localhost:8080/hook", ""),
        ("http://example.org/hook", "in the clear"),
        ("https:///hook", "needs a host"),
        ("https://example.org:port/", "no address"),
        ("smtp://mail.example.org?from=a@b.c&to=d@e.f", ""),
        ("smtp://mail.example.org?to=d@e.f", "needs ?from="),
        ("maildir:///var/mail/alpha", ""),
        ("maildir://relative/path", "absolute"),
        ("json://localhost/", ""),
        ("nothing://example.org", "none of"),
        ("", "none of"),
        ("two words", "blanks"),
    ],
)
def test_addresses_that_cannot_work_are_refused(url: str, wrong: str) -> None:
    said = wrong_with(url)
    assert (wrong in said) if wrong else said == ""


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert masked("https://u:p@example.org:8443/a/b?c=d") == "https://example.org:8443/***"
    assert masked("slack://token_a/token_b") == "slack://***"
    assert masked("smtp://u:p@example.org?from=a&to=b") == "smtp://example.org/***"
    assert masked("") == "nats"
