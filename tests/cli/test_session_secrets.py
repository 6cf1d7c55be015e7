"""`venue session password|key`: live, without echo, logged without the secret, tried dry."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.cli.typed_secret import type_twice
from venue import session_secrets
from venue.admin.caller import Caller
from venue.admin.client import call
from venue.admin.listener import AdminListener
from venue.admin.requests import AnyRequest, SetKey, SetPassword
from venue.admin.typed import Reply, typed
from venue.domain.commands import NoteSecret
from venue.fix.authentication import Authentication
from venue.fix.credentials import Credentials, Password
from venue.sequencer.inbox import Inbox
from venue.session_secrets import SessionSecrets

NEW = "a-new-secret"
KEY = Ed25519PrivateKey.generate()


class Venue:
    """A store of credentials behind an admin socket, in a thread that polls as trading does."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.credentials = Credentials(data_dir, demo=["ALPHA"], overlap_ns=24 * 3_600_000_000_000)
        self._authentication = Authentication(self.credentials, {}, lambda session: True)
        self.noted: list[NoteSecret] = []
        inbox = Inbox()
        self.forgiven: list[str] = []
        secrets = SessionSecrets(self._authentication, lambda: ["ALPHA", "BRAVO"], inbox, self)
        self._inbox = inbox

        def answer(request: AnyRequest, reply: Reply, caller: Caller) -> None:
            assert isinstance(request, SetPassword | SetKey)
            secrets.answer(request, reply)

        self._listener = AdminListener(data_dir, typed(answer))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self._thread.start()

    def _poll(self) -> None:
        while not self._stop.wait(0.001):
            self._listener.poll()
            self._authentication.finished()
            for noted in self._inbox.take(10):  # as when it is on disk
                assert isinstance(noted.command, NoteSecret) and noted.notify is not None
                self.noted.append(noted.command)
                noted.notify([])

    def owner_of(self, session: str) -> str:
        return "BRAVO" if session == "BRAVO" else ""

    def forgive(self, session: str) -> None:
        self.forgiven.append(session)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()
        self._authentication.close()

    def accepts(self, password: str, session: str = "ALPHA") -> bool:
        return self.credentials.check(session, Password(password)).accepted

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """`venue session ...` on this data directory."""
        return subprocess.run(
            command(self.data_dir, *arguments),
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def command(data_dir: Path, *arguments: str) -> list[str]:
    venue = [sys.executable, "-P", "-m", "venue", "--data-dir", str(data_dir)]
    return [*venue, "session", *arguments]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    venue = Venue(tmp_path)
    yield venue
    venue.close()


def test_password_from_stdin_is_in_force_at_once(venue: Venue) -> None:
    done = venue.run("password", "ALPHA", "--reason", "asked for", typed=f"{NEW}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "the password of ALPHA is set: no other is valid now\n"
    assert venue.accepts(NEW) and not venue.accepts("demo")
    assert venue.noted == [NoteSecret("ALPHA", "password", reason="asked for")]
    done = venue.run("password", "ALPHA", "--json", typed="another-secret\n")
    assert json.loads(done.stdout) == {
        "ok": True,
        "session": "ALPHA",
        "text": "PASSWORD_CHANGED the old one is valid for 24 h more",
        "dry_run": False,
    }
    assert venue.accepts(NEW) and venue.accepts("another-secret")
    venue.run("password", "ALPHA", "--at-once", "--yes", typed="a-third-secret\n")
    assert not venue.accepts("another-secret") and venue.accepts("a-third-secret")


def test_password_is_typed_twice_on_a_terminal_and_not_shown(venue: Venue) -> None:
    said, shown = type_twice(command(venue.data_dir, "password", "ALPHA"), NEW)
    assert said == b"the password of ALPHA is set: no other is valid now\n"
    assert NEW.encode() not in shown and b"New password of ALPHA" in shown
    assert venue.accepts(NEW)


@pytest.mark.parametrize(
    ("arguments", "typed", "line"),
    [
        (("password", "ALPHA"), "short\n", "PASSWORD_LENGTH a password has 8 to 64 characters"),
        (("password", "ALPHA"), "", "no password came on stdin; nothing was changed"),
        (("password", "ALPHA"), "\n", "no password came on stdin; nothing was changed"),
        (("password", "ZULU"), f"{NEW}\n", "session ZULU is unknown; known are ALPHA, BRAVO"),
        (("password", "ALFA"), f"{NEW}\n", "session ALFA is unknown; did you mean ALPHA?"),
        (("key", "ALPHA", "/none"), "", "/none: No such file or directory"),
        (("key", "ALPHA", "-"), "nothing", "this is no public key in PEM or base64"),
        (("key", "ALPHA", "-"), "naïve", "- is no public key in PEM or base64"),
    ],
)
def test_what_is_refused_is_one_line_and_changes_nothing(
    venue: Venue, arguments: tuple[str, ...], typed: str, line: str
) -> None:
    done = venue.run(*arguments, typed=typed)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{line}\n")
    assert venue.accepts("demo") and not (venue.data_dir / "credentials.json").exists()
    assert venue.noted == []


def test_dry_run_says_what_would_come_and_changes_nothing(venue: Venue) -> None:
    done = venue.run("password", "ALPHA", "--dry-run", typed=f"{NEW}\n")
    assert done.stdout.splitlines() == [
        "the password of ALPHA would be set: no other is valid now",
        "nothing was changed",
    ]
    assert venue.run("password", "ALPHA", "--dry-run", typed="short\n").returncode == 1
    assert venue.accepts("demo") and not venue.accepts(NEW)


def test_password_that_must_be_changed_is_told_to_the_door(venue: Venue) -> None:
    assert venue.run("password", "BRAVO", "--must-change", typed=f"{NEW}\n").returncode == 0
    assert venue.credentials.check("BRAVO", Password(NEW)).must_change
    assert venue.noted == [NoteSecret("BRAVO", "password", owner="BRAVO")]
    assert venue.forgiven == ["BRAVO"]


def test_key_comes_from_a_file_or_stdin_in_every_form(venue: Venue, tmp_path: Path) -> None:
    public = KEY.public_key()
    (tmp_path / "alpha.pub").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    done = venue.run("key", "ALPHA", str(tmp_path / "alpha.pub"))
    assert done.stdout == "the public key of ALPHA is set: no other is valid now\n"
    assert venue.credentials.has_key("ALPHA")
    again = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    done = venue.run("key", "ALPHA", "-", typed=again)
    assert (done.returncode, done.stderr) == (1, "KEY_IN_USE the session has this key already\n")


def test_private_key_given_by_mistake_is_refused_and_not_sent_on(
    venue: Venue, tmp_path: Path
) -> None:
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "alpha.key").write_bytes(private)
    done = venue.run("key", "ALPHA", str(tmp_path / "alpha.key"))
    assert (done.returncode, done.stderr) == (
        1,
        "this is a private key; the venue needs the public one only\n",
    )


def test_change_is_logged_with_who_and_why_and_without_the_secret(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []

    class Log:
        """Takes notes; the module's own may have been configured by an earlier test."""

        def info(self, event: str, **fields: object) -> None:
            lines.append({"event": event, **fields})

    monkeypatch.setattr(session_secrets, "_log", Log())
    request = {"set_password": "ALPHA", "password": NEW, "operator": "ann", "reason": "ticket 7"}
    assert call(venue.data_dir, request)["ok"]
    assert call(venue.data_dir, {**request, "password": "third-secret", "dry_run": True})["ok"]
    (line,) = lines
    assert line["event"] == "secret changed"
    assert (line["session"], line["operator"], line["reason"]) == ("ALPHA", "ann", "ticket 7")
    assert NEW not in str(lines)


@pytest.mark.parametrize(
    "request_",
    [
        {"set_password": "ALPHA"},
        {"set_password": "ALPHA", "password": None},
        {"set_password": "ALPHA", "password": ["a-new-secret"] * 9},
        {"set_password": None, "password": NEW},
        {"set_key": "ALPHA"},
        {"set_key": "ALPHA", "public_key": {"a": 1}},
    ],
)
def test_request_that_is_none_is_an_error(venue: Venue, request_: dict[str, object]) -> None:
    assert call(venue.data_dir, request_)["ok"] is False
    assert venue.accepts("demo")
