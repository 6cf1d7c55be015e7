"""`venue session ...` on a session of drop copies: trading decides, its process acts."""

from collections.abc import Iterator

import pytest

from tests.cli.operator_desk import Desk
from tests.fix_client import FixClient, LogonRefused
from tests.servers.conditions import wait_for
from venue.domain.codec import decode_event
from venue.domain.events import AnyEvent, SecretChanged, SessionEnabled, SessionEnded, SessionReset
from venue.journal.reader import JournalReader

from .running import RunningDropCopies

NAME = "DESK-DC"
REFUSED = "LOGON_REFUSED the logon is not accepted"
NEW, NEWER = "a-password-of-its-own", "another-of-its-own"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDropCopies]:
    with RunningDropCopies(tmp_path_factory.mktemp("operated")) as venue:
        yield venue


@pytest.fixture
def desk(venue: RunningDropCopies) -> Desk:
    return Desk(venue.place.path)


@pytest.fixture
def listener(venue: RunningDropCopies) -> FixClient:
    client = venue.client(NAME)
    client.logon()
    return client


def journaled(venue: RunningDropCopies, *kinds: type) -> list[AnyEvent]:
    """The events of these kinds in the journal, of that session."""
    reader = JournalReader(venue.place.journal)
    found: list[AnyEvent] = []
    while events := reader.read(500):
        decoded = [decode_event(each.payload) for each in events]
        found += [each for each in decoded if getattr(each, "session", "") == NAME]
    reader.close()
    return [each for each in found if isinstance(each, kinds)]


def is_off(desk: Desk) -> bool:
    return not desk.json("session", "show", NAME)["session"]["logged_on"]


def test_show_tells_numbers_address_and_how_far_it_is(
    venue: RunningDropCopies, desk: Desk, listener: FixClient
) -> None:
    def has_all() -> bool:
        told = desk.json("session", "show", NAME)
        return bool(told["unread"] == 0 and told["position"])

    wait_for(has_all, 30)
    told = desk.json("session", "show", NAME)
    row = told["session"]
    assert (row["kind"], row["member"], row["logged_on"], row["enabled"]) == (
        *("dropcopy", "ALPHA", True, True),
    )
    assert row["connection"]["address"].startswith("127.0.0.1:")
    assert row["connection"]["bytes_unread"] == 0
    assert row["next_in"] >= 2 and row["next_out"] >= 2
    lines = desk.done("session", "show", NAME).splitlines()
    assert lines[0] == f"{NAME} of ALPHA"
    assert "0 copies unread" in lines[3] and lines[4].startswith("drop copies: sent up to event ")
    listener.logout()


def test_logout_ends_the_connection_at_once_with_the_reason(
    venue: RunningDropCopies, desk: Desk, listener: FixClient
) -> None:
    before = len(journaled(venue, SessionEnded))
    assert desk.done("session", "logout", NAME) == f"session {NAME} is being logged out"
    assert listener.expect("5")[58] == "SESSION_ENDED by the operator"
    listener.close()
    wait_for(lambda: is_off(desk))
    assert desk.refused("session", "logout", NAME) == f"session {NAME} is not logged on"
    assert desk.refused("session", "logout", NAME, "--dry-run").endswith("is not logged on")
    (ended,) = journaled(venue, SessionEnded)[before:]
    assert isinstance(ended, SessionEnded) and (ended.member, ended.disabled) == ("ALPHA", False)
    assert "ended by the venue" in desk.done("session", "show", NAME)
    listener.logon()
    listener.logout()


def test_disabled_session_stays_out_whichever_process_starts_again(
    venue: RunningDropCopies, desk: Desk, listener: FixClient
) -> None:
    foretold = desk.json("session", "disable", NAME, "--dry-run")["events"]
    assert [each["session"] for each in foretold] == [NAME]
    assert desk.done("session", "disable", NAME) == f"session {NAME} is disabled"
    assert listener.expect("5")[58] == "SESSION_DISABLED by the operator"
    assert desk.refused("session", "disable", NAME) == f"session {NAME} is disabled already"
    assert desk.json("session", "show", NAME)["session"]["enabled"] is False
    venue.kill()
    assert desk.refused("session", "show", NAME) == (
        f"session {NAME}: fix-dropcopy does not answer: it does not run"
    )
    venue.place.disabled_sessions.unlink()
    venue.trading.kill()
    venue.trading.start()  # it makes the file again: the journal has it
    venue.start()
    with pytest.raises(LogonRefused, match=REFUSED):
        venue.client(NAME).logon()
    assert desk.done("session", "enable", NAME) == f"session {NAME} may log on again"
    assert len(journaled(venue, SessionEnabled)) == 1
    listener.logon()
    listener.logout()


def test_session_may_be_disabled_while_its_process_is_away(
    venue: RunningDropCopies, desk: Desk
) -> None:
    venue.kill()
    assert desk.done("session", "disable", NAME) == f"session {NAME} is disabled"
    venue.start()
    with pytest.raises(LogonRefused, match=REFUSED):
        venue.client(NAME).logon()
    desk.done("session", "enable", NAME)
    client = venue.client(NAME)
    client.logon()
    client.logout()


def test_reset_takes_the_numbers_back_while_it_is_off(
    venue: RunningDropCopies, desk: Desk, listener: FixClient
) -> None:
    refused = f"session {NAME} is logged on; log it out first"
    for more in ((), ("--dry-run",)):
        assert desk.refused("session", "reset", NAME, *more) == refused
    listener.logout()
    wait_for(lambda: is_off(desk))
    assert desk.json("session", "reset", NAME)["next_out"] == 1
    assert len(journaled(venue, SessionReset)) == 1
    row = desk.json("session", "show", NAME)["session"]
    assert (row["next_in"], row["next_out"]) == (1, 1)
    listener.next_in = listener.next_out = 1
    assert listener.logon(reset=False)[34] == "1"
    listener.logout()


def test_password_chosen_at_its_logon_is_journaled_with_the_member(
    venue: RunningDropCopies,
) -> None:
    client = venue.client(NAME)
    client.logon(extra=[(925, NEW)])
    client.logout()
    wait_for(lambda: len(journaled(venue, SecretChanged)) == 1)
    (changed,) = journaled(venue, SecretChanged)
    assert isinstance(changed, SecretChanged)
    assert (changed.member, changed.kind, changed.operator) == ("ALPHA", "password", "")


def test_password_chosen_while_trading_is_away_is_journaled_once_when_it_is_back(
    venue: RunningDropCopies,
) -> None:
    venue.trading.kill()
    client = venue.client(NAME)
    client.logon(NEW, extra=[(925, NEWER)])
    client.logout()
    for _ in range(2):
        venue.trading.start()
        wait_for(lambda: len(journaled(venue, SecretChanged)) == 2)
        venue.trading.stop()
    venue.trading.start()
    assert len(journaled(venue, SecretChanged)) == 2
