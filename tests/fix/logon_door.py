"""An Authentication whose time goes when it is told to, and Logons that come to it.

ALPHA has the password FIRST, the others that may log on have the demo's.
"""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fix.test_credentials import FIRST, Time
from venue.clock import utc_timestamp
from venue.fix.access import Access
from venue.fix.authentication import REFUSAL_SECONDS, Authentication, Decision, Limits
from venue.fix.credentials import Credentials, Verdict
from venue.fix.user_request import UserAnswer
from venue.peer import Peer

HERE = Peer("10.1.2.3", 40000, None, True)
KEY = Ed25519PrivateKey.generate()
MINE, OTHERS = "ab" * 32, "cd" * 32
ACCESS = {
    "ALPHA": Access(),
    "BRAVO": Access(),
    "NEAR": Access(addresses=(ip_network("10.1.0.0/16"), ip_network("::1"))),
    "BOUND": Access(certificates=frozenset({MINE})),
    "OFF": Access(),
}


class CountedCredentials(Credentials):
    """Counts the secrets that are looked at, and can be made to wait."""

    def __init__(self, data_dir: Path, now: Time) -> None:
        super().__init__(data_dir, demo=["BRAVO", "NEAR", "BOUND", "OFF"], now_ns=now)
        self.checked = 0
        self.go = threading.Event()
        self.go.set()

    def check(self, session: str, secret: object) -> Verdict:
        assert self.go.wait(10.0)
        self.checked += 1
        return super().check(session, secret)  # type: ignore[arg-type]


class Door:
    """An Authentication whose monotonic time goes when it is told to."""

    def __init__(self, data_dir: Path) -> None:
        self.now, self.wall = 1000.0, Time()
        self.credentials = CountedCredentials(data_dir, self.wall)
        assert self.credentials.set_password("ALPHA", FIRST).changed
        self.authentication = Authentication(
            self.credentials,
            ACCESS,
            lambda session: session in ACCESS and session != "OFF",
            Limits(logons_a_minute=100),
            monotonic=lambda: self.now,
        )

    def settle(self) -> None:
        """Wait until the worker has done all."""
        worker = self.authentication._worker
        done = threading.Event()
        assert worker.submit(done.set, lambda result: None)
        assert done.wait(10.0)

    def decide(self, logon: dict[str, str], peer: Peer = HERE) -> Decision:
        """What a Logon comes to; the time that it takes has passed then."""
        ticket = self.authentication.begin(logon, peer)
        self.settle()
        found = self.authentication.finished()
        if not found:
            self.now += REFUSAL_SECONDS
            found = self.authentication.finished()
        ((decided, decision),) = found
        assert decided == ticket and isinstance(decision, Decision)
        return decision

    def answer(self, fields: dict[str, str]) -> UserAnswer:
        """What ALPHA's UserRequest is answered."""
        ticket = self.authentication.answer_user_request("ALPHA", fields)
        self.settle()
        ((decided, answer),) = self.authentication.finished()
        assert decided == ticket and isinstance(answer, UserAnswer)
        return answer


@contextmanager
def opened(data_dir: Path) -> Iterator[Door]:
    """A Door that is closed at the end."""
    door = Door(data_dir)
    yield door
    door.credentials.go.set()
    door.authentication.close()


def logon(session: str = "ALPHA", password: str = FIRST.text, **more: str) -> dict[str, str]:
    fields = {"35": "A", "34": "1", "49": session, "56": "VENUE", "553": session, "554": password}
    return {**fields, **{tag.removeprefix("_"): value for tag, value in more.items()}}


def signed_logon(door: Door, session: str = "ALPHA", **more: str) -> dict[str, str]:
    fields = {
        "35": "A",
        "34": "1",
        "49": session,
        "56": "VENUE",
        "52": utc_timestamp(door.wall.now_ns),
    }
    payload = "\x01".join(fields[tag] for tag in ("35", "49", "56", "34", "52"))
    raw = base64.b64encode(KEY.sign(payload.encode())).decode()
    fields |= {"95": str(len(raw)), "96": raw}
    return {**fields, **{tag.removeprefix("_"): value for tag, value in more.items()}}
