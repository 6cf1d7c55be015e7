"""What trading has a data process do with a session, and how one that does not read is told why."""

from pathlib import Path

import pytest

from tests.fix_client import LogonRefused
from tests.fixdata.edge import FLOOD, RunningEdge
from tests.fixdata.test_edge import ask, kept, request
from tests.servers.conditions import wait_for
from venue.data_directory import DataDirectory
from venue.fixdata.asked import Ask, ProcessAway
from venue.fixdata.asked import ask as ask_process
from venue.fixdata.disabled import SESSION_DISABLED, write_disabled


def test_who_reads_nothing_is_told_why_as_soon_as_it_reads(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data", stuck_seconds=1.0) as venue:
        client, other = venue.client(), venue.client("BRAVO-MD")
        client.receive_buffer = 4096
        client.logon()
        other.logon()
        client.send("V", request("flood"))
        wait_for(lambda: venue.told("show").ended is not None, 30)
        ask(other, "nobody waits for it")
        logout = client.expect("5", 30)
        assert logout[58].startswith("SLOW_READER nothing of ")
        assert logout[58].endswith(" bytes was read for 1 s")
        came = [message for message in client.log if message.msg_type == "Y"]
        assert [int(each[34]) for each in came] == list(range(2, 2 + len(came)))
        assert 0 < len(came) < FLOOD, "what had not begun to leave is left out"
        assert int(logout[34]) == 2 + FLOOD
        ended = venue.told("show").ended
        assert ended is not None and ended.why == logout[58]
        other.logout()


def test_session_is_shown_and_logged_out_with_a_reason(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        client.logon()
        ask(client, "r1")
        told = venue.told("show")
        assert (told.logged_on, told.next_in, told.next_out, told.ended) == (True, 3, 3, None)
        assert told.connection is not None
        assert told.connection.address.startswith("127.0.0.1:")
        assert venue.told("end", text="SESSION_ENDED by the operator").logged_on
        assert client.expect("5")[58] == "SESSION_ENDED by the operator"
        client.close()
        wait_for(lambda: not venue.told("show").logged_on)
        ended = venue.told("end", text="again").ended
        assert ended is not None and ended.why == "SESSION_ENDED by the operator", "it was off"
        client.logon()
        client.logout()


def test_refused_logons_are_shown_with_why_and_forgiven_at_a_look(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        for _ in range(6):
            with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
                client.logon("wrong-password")
        why = [each.why for each in venue.told("show").refused_logons]
        assert "Password(554) is wrong" in why
        with pytest.raises(LogonRefused):
            client.logon()
        venue.told("look")
        client.logon()
        client.logout()


def test_disabled_session_is_out_and_stays_out_over_a_restart(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    disabled = DataDirectory(data_dir).disabled_sessions
    venue = RunningEdge(data_dir)
    client, other = venue.client(), venue.client("BRAVO-MD")
    client.logon()
    other.logon()
    write_disabled(disabled, ["ALPHA-MD"])
    assert client.expect("5")[58] == SESSION_DISABLED, "without being asked, within a second"
    ask(other, "r1")
    with pytest.raises(LogonRefused, match="LOGON_REFUSED the logon is not accepted"):
        client.logon()
    other.logout()
    venue.kill()
    with RunningEdge(data_dir) as again:
        client.address = again.address
        with pytest.raises(LogonRefused, match="LOGON_REFUSED the logon is not accepted"):
            client.logon()
        write_disabled(disabled, [])
        again.told("look")
        client.logon()
        client.logout()


def test_numbers_of_a_session_that_is_off_begin_again(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with RunningEdge(data_dir) as venue:
        client = venue.client()
        client.logon()
        ask(client, "r1")
        assert venue.told("reset").refused == "session ALPHA-MD is logged on; log it out first"
        client.logout()
        wait_for(lambda: kept(data_dir)["ALPHA-MD"] == {"next_in": 4, "next_out": 4})
        told = venue.told("reset")
        assert (told.refused, told.next_in, told.next_out) == ("", 1, 1)
        assert kept(data_dir)["ALPHA-MD"] == {"next_in": 1, "next_out": 1}
        client.next_out = client.next_in = 1
        assert client.logon(reset=False).get(34) == "1"
        assert ask(client, "r2") == 2
        client.logout()


def test_what_it_does_not_understand_or_have_is_refused(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        assert venue.told("show", "ALPHA").refused == "session ALPHA does not log on here"
        assert venue.told("wipe").refused.startswith("not understood: ")  # type: ignore[arg-type]
        place = DataDirectory(venue.data_dir).edge_socket("fix-marketdata")
        assert place.stat().st_mode & 0o077 == 0, "it is the owner's alone"
        venue.stop()
        with pytest.raises(ProcessAway, match="it does not run"):
            ask_process(place, Ask("show", "ALPHA-MD"))
