"""A venue that goes on from older data than its clients have: nobody logs on before an operator has
said so, and what a client sends again is not taken as new."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.operator_desk import Desk
from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import new_order
from tests.running import RunningTrading
from venue.admin.client import ask
from venue.admin.requests import StatusQuery
from venue.journal.identity import journal_identity
from venue.journal.running import HistoryLock, HistoryRuns

CLOSED = "SESSIONS_CLOSED"
STAYS = [(9001, "N")]


class OldCopy:
    """A copy of a data directory whose original went on, adopted; the clients of both."""

    def __init__(self, running: RunningTrading, alpha: FixClient, bravo: FixClient) -> None:
        self.running = running
        self.alpha, self.bravo = alpha, bravo
        self.desk = Desk(running.data_dir)

    def start(self) -> None:
        """Start the copy; the clients find it."""
        self.running.start()
        self.alpha.address = self.bravo.address = self.running.address

    def blocks(self) -> dict[str, Any]:
        """What is stopped, as the operator sees it."""
        found: dict[str, Any] = ask_status(self.desk)["blocks"]
        return found


def ask_status(desk: Desk) -> dict[str, Any]:
    """Trading's own answer: without `venue run` there is no `venue status`."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(ask(desk.data_dir, StatusQuery())))
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[OldCopy]:
    original = RunningTrading(tmp_path / "original").start()
    copied = RunningTrading(tmp_path / "copied")
    try:
        alpha, bravo = original.client("ALPHA"), original.client("BRAVO")
        for client in (alpha, bravo):
            client.logon(extra=STAYS)
            client.send("D", new_order("first", "1", "5", "99.00"))
            client.expect_report("first", "0")
            client.logout()
        assert original.stop() == 0
        shutil.copytree(original.data_dir, copied.data_dir)
        original.start()
        alpha.address = original.address
        alpha.logon(reset=False, extra=STAYS)
        for number in range(3):
            alpha.send("D", new_order(f"after{number}", "1", "5", "98.00"))
            alpha.expect_report(f"after{number}", "0")
        alpha.logout()
        assert original.stop() == 0
        Desk(copied.data_dir).done("journal", "adopt", "--yes")
        yield OldCopy(copied, alpha, bravo)
    finally:
        for running in (original, copied):
            running.__exit__(None, None, None)


def test_nobody_logs_on_before_an_operator_has_said_so(copy: OldCopy) -> None:
    copy.start()
    for client in (copy.alpha, copy.bravo):
        for reset in (False, True):
            client.close()
            with pytest.raises(LogonRefused, match=CLOSED):
                client.logon(reset=reset)
    assert "adopted" in copy.blocks()["sessions_closed"]
    assert "adopted" in ask_status(copy.desk)["recovery"]["origin"]
    assert copy.running.stop() == 0
    copy.start()
    with pytest.raises(LogonRefused, match=CLOSED):
        copy.bravo.logon()
    copy.desk.done("session", "open", "--yes", "--reason", "members were told")
    assert copy.blocks()["sessions_closed"] is None
    assert copy.desk.refused("session", "open", "--yes") == "the sessions are open"
    copy.bravo.logon()
    assert copy.running.stop() == 0
    copy.start()
    copy.bravo.close()
    copy.bravo.logon()
    assert copy.blocks()["sessions_closed"] is None, "it stays open, in later starts too"


def test_client_that_is_ahead_has_to_begin_anew_and_nothing_old_is_taken_as_new(
    copy: OldCopy,
) -> None:
    copy.start()
    copy.desk.done("session", "open", "--yes")
    alpha = copy.alpha
    alpha.resend = "resend"
    ahead = alpha.next_out
    with pytest.raises(LogonRefused, match=r"too high, expecting .* log on with 141=Y"):
        alpha.logon(reset=False, extra=STAYS)
    assert alpha.next_out >= ahead
    alpha.logon(extra=STAYS)
    alpha.send("D", new_order("new", "1", "5", "97.00"))
    alpha.expect_report("new", "0")
    rows = copy.desk.rows("session", "list")
    assert rows["ALPHA"]["open_orders"] == 2, "first and new; what came after the copy is not there"


def test_client_that_is_where_it_was_goes_on_with_its_numbers(copy: OldCopy) -> None:
    copy.start()
    copy.desk.done("session", "open", "--yes")
    copy.bravo.logon(reset=False, extra=STAYS)
    copy.bravo.send("D", new_order("second", "1", "5", "98.00"))
    copy.bravo.expect_report("second", "0")


def test_copy_of_a_journal_does_not_run_beside_its_original(tmp_path: Path) -> None:
    """Adopting is a promise that the original does not run; it is held to it."""
    with RunningTrading(tmp_path / "original") as original:
        shutil.copytree(
            original.data_dir,
            tmp_path / "copied",
            ignore=shutil.ignore_patterns("*.sock", "*.lock"),
        )
        copied = RunningTrading(tmp_path / "copied")
        Desk(copied.data_dir).done("journal", "adopt", "--yes")
        identity = journal_identity(original.data_dir / "journal")
        error = copied.try_start()["error"]
        assert f"the history of journal {identity} runs on this machine" in error
        assert copied.wait() == 2
        assert original.is_running
        original.kill()
        with copied:
            assert f"journal {identity}" in original.try_start()["error"]
            assert original.wait() == 2


def test_half_restored_directory_does_not_start(tmp_path: Path) -> None:
    running = RunningTrading(tmp_path)
    (tmp_path / "journal").mkdir(mode=0o700)
    for content in ('{"origin":"5e55","why":"restored","whole":false}', "{"):
        (tmp_path / "journal" / "origin.json").write_text(content)
        assert "restore again" in running.try_start()["error"]
        assert running.wait() == 2
        assert [path.name for path in (tmp_path / "journal").iterdir()] == ["origin.json"]


def test_locks_of_histories_are_shared_by_descendants_only() -> None:
    first, second, third = HistoryLock(), HistoryLock(), HistoryLock()
    first.acquire("test-b", ("test-a",))
    second.acquire("test-c", ("test-a",))
    with pytest.raises(HistoryRuns, match="journal test-a"):
        third.acquire("test-a", ())
    with pytest.raises(HistoryRuns, match="journal test-b"):
        third.acquire("test-d", ("test-b",))
    first.release()
    second.release()
    third.acquire("test-a", ())
    third.release()
    assert not list(Path("/dev/shm").glob("venue-*/test-[abcd].running"))
