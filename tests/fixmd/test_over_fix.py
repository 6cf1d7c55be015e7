"""Market data over FIX against the whole venue: books equal the engine's, whoever reads and how."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_client import FixClient, LogonRefused
from tests.fix_message import Field, new_order
from tests.fixmd.client_book import BID, OFFER
from tests.fixmd.desk import market_data_request
from tests.fixmd.running import (
    SYMBOLS,
    Flow,
    address,
    engine_book,
    equals_the_engine,
    reader_client,
    venue_with_readers,
)
from tests.fixmd.simplefix_reader import SimplefixReader
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.fixdata.shown import read_status
from venue.processes import FIX_MARKETDATA

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "order_book_fix.py"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningVenue]:
    """A venue for the tests of this file."""
    with venue_with_readers(tmp_path_factory.mktemp("fixmd")) as running:
        yield running


@pytest.fixture
def client(venue: RunningVenue) -> Iterator[FixClient]:
    """ALPHA-MD, logged on, in the stock dialect."""
    with reader_client(venue, "ALPHA-MD") as client:
        client.logon(timeout=30)
        yield client
        client.logout()


def test_ready_line_says_where_market_data_is_read(venue: RunningVenue) -> None:
    host, port = address(venue)
    assert f" fix-marketdata={host}:{port} " in venue.ready_line


def test_independent_client_builds_the_books_of_the_engine(venue: RunningVenue) -> None:
    """By levels, by ten levels and by orders; joined at different moments of random flow."""
    reader_client(venue, "BRAVO-MD").close()
    flow = Flow(venue, 1)
    early = SimplefixReader(address(venue), "BRAVO-MD")
    late = SimplefixReader(address(venue), "CHARLIE-MD")
    try:
        early.log_on(reset=True)
        early.subscribe("levels", SYMBOLS)
        early.subscribe("orders", SYMBOLS, is_by_order=True)
        flow.act(300)
        late.log_on(reset=True)
        late.subscribe("ten", SYMBOLS, depth=10)
        for _ in range(6):
            flow.act(50)
        flow.log_out()
        early.read_until_quiet()
        late.read_until_quiet()
        equals_the_engine(venue, early, "levels")
        for symbol in SYMBOLS:
            by_levels, by_orders = early.books["levels", symbol], early.books["orders", symbol]
            ten = late.books["ten", symbol]
            assert by_orders.own_checksum() == by_levels.own_checksum() == ten.own_checksum()
            assert by_orders.seq == by_levels.seq
            for kind in "01":
                assert by_orders.best(kind) == by_levels.best(kind)
                assert by_levels.best(kind)[:10] == ten.best(kind)
                assert set(ten.trades) <= set(by_levels.trades)
        # a busy machine has larger batches, and so fewer messages; each book has one and updates
        assert early.checked > 2 * len(early.books)
        assert (early.gaps, late.gaps) == ([], [])
    finally:
        early.close()
        late.close()


@pytest.mark.parametrize(
    ("reason", "how"),
    [
        ("0", {"symbols": "NOPE"}),
        ("4", {"way": "7"}),
        ("5", {"depth": "-1"}),
        ("6", {"update_type": "9"}),
        ("7", {"aggregated": "X"}),
        ("8", {"types": "Z"}),
    ],
)
def test_refusals_pass_quickfix_and_have_their_codes(
    client: FixClient, reason: str, how: dict[str, str]
) -> None:
    symbol = how.pop("symbols", "ACME")
    client.send("V", market_data_request(f"r{reason}", symbol, **how))  # type: ignore[arg-type]
    refused = client.expect(lambda m: m.msg_type in "Y3j", 30)
    assert (refused.msg_type, refused.get(281)) == ("Y", reason)


def test_unsubscribe_of_two_fields_is_taken(client: FixClient) -> None:
    client.send("V", market_data_request("u1", "ACME"))
    client.expect("W", 30)
    client.send("V", [(262, "u1"), (263, "2")])
    client.send("V", market_data_request("u1", "GLOBEX", way="0"))
    assert client.expect("W", 30).get(55) == "GLOBEX"
    assert not [each for each in client.log if each.msg_type in "3Yj"]


@pytest.mark.parametrize("left_out", [264, 267, 146])
def test_subscription_without_a_required_field_is_rejected(
    client: FixClient, left_out: int
) -> None:
    body: list[Field] = [
        each
        for each in market_data_request("m1", "ACME")
        if each[0] != left_out and not (left_out == 267 and each[0] == 269)
        if not (left_out == 146 and each[0] == 55)
    ]
    client.send("V", body)
    rejected = client.expect("3", 30)
    assert (rejected.get(371), rejected.get(373)) == (str(left_out), "1")


def test_order_on_a_session_of_market_data_is_not_taken(client: FixClient) -> None:
    client.send("D", new_order("o1", "1", "1", "100.00"))
    assert client.expect("j", 30).get(380) == "6"


def test_halt_is_told_and_the_book_stays(venue: RunningVenue, client: FixClient) -> None:
    client.send("e", [(324, "e1"), (55, "UMBRELLA"), (263, "1")])
    assert client.expect("f", 30).get(326) == "17"
    assert venue.command("halt", "UMBRELLA", "--reason", "test").returncode == 0
    assert client.expect("f", 30).get(326) == "2"
    client.send("V", market_data_request("h1", "UMBRELLA", way="0"))
    assert client.expect("W", 30).get(55) == "UMBRELLA"
    assert venue.command("resume", "UMBRELLA", "--reason", "test").returncode == 0
    assert client.expect("f", 30).get(326) == "17"


def test_instruments_are_listed_with_what_a_checksum_needs(client: FixClient) -> None:
    client.send("x", [(320, "l1"), (559, "4")])
    listed = client.expect("y", 30)
    assert (listed.get(393), listed.get(893)) == ("5", "Y")
    assert "price_decimals=2" in listed.get(58)
    client.send("g", [(335, "g1"), (263, "0")])
    assert client.expect("h", 30).get(340) == "2"


def test_readers_are_shown_to_the_operator(venue: RunningVenue, client: FixClient) -> None:
    client.send("V", market_data_request("s1", "ACME", "GLOBEX"))
    client.expect("W", 30)

    def shown() -> list[tuple[str, int]]:
        status = read_status(venue.data_dir, FIX_MARKETDATA.name)
        return [(each.session, each.subscriptions) for each in status.sessions] if status else []

    wait_for(lambda: shown() == [("ALPHA-MD", 2)], 30)
    (row,) = venue.json("md", "sessions")["sessions"]
    assert (row["session"], row["subscriptions"], row["conflated"]) == ("ALPHA-MD", 2, False)


def test_operator_shows_ends_and_disables_a_reader(venue: RunningVenue) -> None:
    reader, name = reader_client(venue, "DELTA-MD"), "DELTA-MD"
    reader.logon(timeout=30)
    reader.send("V", market_data_request("s1", "ACME", "GLOBEX"))
    reader.expect("W", 30)
    told = venue.json("session", "show", name)
    assert (told["subscriptions"], told["conflated"], told["session"]["kind"]) == (
        *(2, False, "marketdata"),
    )
    lines = venue.command("session", "show", name).stdout.splitlines()
    assert lines[0] == f"{name} of DELTA" and "market data: 2 subscriptions, it keeps up" in lines
    assert venue.command("session", "logout", name).returncode == 0
    assert reader.expect("5", 30)[58] == "SESSION_ENDED by the operator"
    reader.close()
    wait_for(lambda: not venue.json("session", "show", name)["session"]["logged_on"], 30)
    reader.logon(timeout=30)
    assert venue.command("session", "disable", name).returncode == 0
    assert reader.expect("5", 30)[58] == "SESSION_DISABLED by the operator"
    with pytest.raises(LogonRefused, match="LOGON_REFUSED"):
        reader.logon(timeout=30)
    assert name in venue.json("status")["blocks"]["disabled_sessions"]
    assert venue.command("session", "enable", name).returncode == 0
    reader.logon(timeout=30)
    reader.logout()


def test_status_says_how_far_its_books_are(venue: RunningVenue) -> None:
    flow = Flow(venue, 41)
    flow.act(20)
    flow.log_out()

    def is_at_the_end() -> bool:
        told = venue.json("status")
        (row,) = [each for each in told["processes"] if each["process"] == FIX_MARKETDATA.name]
        return bool(row["lag"] == 0 and row["position"] == told["event_seq"])

    wait_for(is_at_the_end, 60)


def test_trading_lists_its_own_sessions_only(venue: RunningVenue) -> None:
    rows = venue.json("session", "list")["sessions"]
    members = ("ALPHA", "BRAVO", "CHARLIE", "DELTA")
    own = [*members, *(f"{member}-API" for member in members)]
    assert [row["session"] for row in rows] == own


def test_session_is_added_and_removed_while_the_process_runs(venue: RunningVenue) -> None:
    """Who is on is not disturbed; a removed session is logged out and told so."""
    config = venue.data_dir.parent / "config"
    files = [config / "venue.toml", config / "sessions.cfg"]
    before = [file.read_text() for file in files]
    entry = '[[sessions]]\ncomp_id = "ECHO-MD"\nkind = "marketdata"\nmember = "BRAVO"\n'
    files[0].write_text(f'{before[0]}\n{entry}password = "demo"\n')
    files[1].write_text(f"{before[1]}\n[SESSION]\nTargetCompID=ECHO-MD\n")
    with reader_client(venue, "ALPHA-MD") as stays:
        stays.logon(timeout=30)
        told = venue.json("config", "apply", "--config", str(files[0]))
        assert told["sessions"]["added"] == ["ECHO-MD"]
        with reader_client(venue, "ECHO-MD") as echo:
            wait_for(lambda: _is_taken(echo), 60)
            for file, text in zip(files, before, strict=True):
                file.write_text(text)
            venue.json("config", "apply", "--config", str(files[0]))
            assert echo.expect("5", 60).get(58).startswith("SESSION_REMOVED ")
        stays.send("V", market_data_request("a1", "ACME", way="0"))
        stays.expect("W", 30)
        stays.logout()


def _is_taken(client: FixClient) -> bool:
    try:
        client.logon(timeout=30)
    except LogonRefused:
        return False
    return True


def test_example_follows_the_book(venue: RunningVenue) -> None:
    """It ends where a checksum is wrong; what it prints last is the engine's best."""
    reader_client(venue, "BRAVO-MD").close()
    host, port = address(venue)
    argv = [sys.executable, str(EXAMPLE), host, str(port), "BRAVO-MD", "demo", "ACME"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as example:
        assert example.stdout is not None
        example.stdout.readline()
        flow = Flow(venue, 31)
        flow.act(50)
        flow.log_out()
        book = engine_book(venue, "ACME")
        best = [(book[kind][0][0], book[kind][0][1]) for kind in (BID, OFFER) if book[kind]]
        for line in example.stdout:
            numbers = [float(number) for number in re.findall(r"'([0-9.]+)'", line)]
            if numbers == [number for level in best for number in level]:
                break
        assert example.poll() is None
        example.kill()
