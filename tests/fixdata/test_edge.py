"""Sessions beside trading: their port, their numbers over a kill, what is refused and resent."""

import json
from pathlib import Path

import pytest

from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Field, cancel, new_order, replace
from tests.fixdata.edge import PROCESS, RunningEdge
from tests.servers.conditions import wait_for
from venue.data_directory import DataDirectory
from venue.fix.credentials import Credentials, Password
from venue.fixdata.numbers import RESERVE
from venue.fixdata.shown import read_status


def request(name: str) -> list[Field]:
    return [
        *((262, name), (263, "0"), (264, "0")),
        *((267, "1"), (269, "0"), (146, "1"), (55, "ACME")),
    ]


def ask(client: FixClient, name: str) -> int:
    """MsgSeqNum of the answer."""
    client.send("V", request(name))
    answer = client.expect("Y")
    assert answer.get(262) == name
    return int(answer.get(34))


def kept(data_dir: Path) -> dict[str, dict[str, int]]:
    path = DataDirectory(data_dir).session_numbers(PROCESS)
    found: dict[str, dict[str, int]] = json.loads(path.read_text())["sessions"]
    return found


def test_messages_for_the_core_are_answered_and_the_others_refused(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        client.logon()
        assert ask(client, "r1") == 2
        bodies = {
            "D": new_order("c1", "1", "1", "100.00"),
            "F": cancel("c1", "c0", "1"),
            "G": replace("c1", "c0", "1", "1", "100.00"),
            "H": [(11, "c1"), (55, "ACME"), (54, "1")],
        }
        for msg_type, body in bodies.items():
            client.send(msg_type, body)
            refused = client.expect("j")
            assert (refused.get(372), refused.get(379), refused.get(380)) == (msg_type, "c1", "6")
            assert refused.get(58).startswith("NOT_AN_ORDER_SESSION ")
        client.send("x", [(320, "s1"), (559, "4")])
        assert client.expect("j").get(380) == "3"
        client.send("V", request("wrong"))
        rejected = client.expect("3")
        assert (rejected.get(371), rejected.get(373)) == ("262", "5")
        assert ask(client, "r2") > 2
        client.logout()


def test_exception_of_the_core_costs_its_session_only(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        one, other = venue.client(), venue.client("BRAVO-MD")
        one.logon()
        other.logon()
        one.send("V", request("break"))
        assert one.expect("5").get(58).startswith("INTERNAL_ERROR")
        ask(other, "r1")
        other.logout()
    assert len(list((tmp_path / "data" / "incidents").iterdir())) == 1


@pytest.mark.parametrize("session", ["ALPHA", "ALPHA-DC"])
def test_session_of_another_kind_is_told_where_to_log_on(tmp_path: Path, session: str) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        with pytest.raises(LogonRefused, match=f"WRONG_PORT {session} is a (trading|dropcopy)"):
            venue.client(session).logon()
        with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
            venue.client(session).logon("wrong")
        with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
            venue.client("NOBODY-MD").logon()


def test_numbers_go_on_over_a_clean_stop(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    venue = RunningEdge(data_dir)
    client = venue.client()
    client.logon()
    ask(client, "r1")
    client.logout()
    wait_for(lambda: kept(data_dir)["ALPHA-MD"] == {"next_in": 4, "next_out": 4})
    venue.stop()
    with RunningEdge(data_dir) as again:
        client.address = again.address
        assert client.logon(reset=False).get(34) == "4"
        assert ask(client, "r2") == 5
        client.logout()


def test_no_number_is_used_twice_over_a_kill(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    venue = RunningEdge(data_dir)
    client = venue.client()
    client.logon()
    numbers = [ask(client, f"r{place}") for place in range(5)]
    venue.kill()
    client.close()
    with RunningEdge(data_dir) as again:
        client.address = again.address
        answer = client.logon(reset=False)
        assert int(answer.get(34)) == RESERVE + 1 > max(numbers)
        client.request_resend(7)
        filled = client.expect("4")
        assert (filled.get(34), filled.get(43), filled.get(123)) == ("7", "Y", "Y")
        assert int(filled.get(36)) >= RESERVE + 2
        assert ask(client, "again") > RESERVE
        client.logout()


def test_higher_number_of_a_logon_is_taken_without_a_resend(tmp_path: Path) -> None:
    """What was asked for over an earlier connection is worth nothing in this one."""
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        client.logon()
        client.logout()
        client.next_out += 100
        client.logon(reset=False)
        ask(client, "r1")
        assert not [message for message in client.log if message.msg_type == "2"]
        client.logout()


def test_reset_takes_both_numbers_back(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        for _ in range(2):
            client.logon()
            assert ask(client, "r1") == 2
            client.logout()
        assert [venue.heard() for _ in range(4)] == ["ALPHA-MD reset", "ALPHA-MD out"] * 2


def test_what_is_owed_comes_behind_the_logon(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data", "o1", "o2", "o3") as venue:
        client = venue.client()
        assert client.logon().msg_type == "A"
        owed = [client.expect("Y") for _ in range(3)]
        assert [(each.get(262), each.get(97)) for each in owed] == [
            *(("o1", "Y"), ("o2", "Y"), ("o3", "Y"))
        ]
        client.logout()


def test_who_is_on_is_shown_and_forgotten_at_the_end(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with RunningEdge(data_dir) as venue:
        client = venue.client()
        client.logon()

        def shown() -> list[str]:
            status = read_status(data_dir, PROCESS)
            return [] if status is None else [each.session for each in status.sessions]

        wait_for(lambda: shown() == ["ALPHA-MD"])
        client.logout()
        wait_for(lambda: shown() == [])
        venue.stop()
        assert read_status(data_dir, PROCESS) is None


def test_password_that_another_process_has_changed_is_taken(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with RunningEdge(data_dir) as venue:
        client = venue.client()
        client.logon()
        client.logout()
        new = Password("Correct-Horse-7-Battery")
        assert Credentials(data_dir).set_password("ALPHA-MD", new, at_once=True).changed
        with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
            client.logon()
        client.logon(new.text)
        client.send("BE", [(923, "u1"), (924, "4"), (553, "ALPHA-MD")])
        assert client.expect("BF").get(926) == "1"
        client.logout()


def test_request_may_name_hundreds_of_symbols(tmp_path: Path) -> None:
    with RunningEdge(tmp_path / "data") as venue:
        client = venue.client()
        client.logon()
        head: list[Field] = [(262, "many"), (263, "0"), (264, "0"), (267, "1"), (269, "0")]
        for count in (500, 2000):
            symbols: list[Field] = [(55, f"SYMBOL-{number}") for number in range(count)]
            client.send("V", [*head, (146, str(count)), *symbols])
            assert client.expect("Y").get(262) == "many"
        too_many: list[Field] = [(55, f"S{number}") for number in range(3000)]
        client.send("V", [*head, (146, "3000"), *too_many])
        assert client.expect("3").get(373) == "99"
        client.logout()
