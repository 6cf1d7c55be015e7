"""`venue replay`: the state as it was, and what cannot be executed again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.admin.serving import serving
from tests.cli.replaying import digest_of, refused, run, seq_of, told
from tests.engine.builders import buy, sell
from tests.engine.random_flow import RandomFlow
from tests.fix_message import new_order
from tests.journal.builders import frames
from tests.running import RunningTrading
from tests.sequencer.builders import Trading, last_batch
from tests.sequencer.test_replay import altered, batches, rewrite
from venue.admin.listener import Reply
from venue.clock import iso
from venue.engine.engine import ENGINE_VERSION
from venue.engine.views.ladder import levels
from venue.journal.durable import forget_position
from venue.replay.replay import replay_journal
from venue.replay.snapshot import write_snapshot


def play(trading: Trading, seed: int, count: int) -> None:
    for command in RandomFlow(seed, count):
        if getattr(command, "session", "ALPHA") in ("ALPHA", "BRAVO"):
            trading.put(command)
    trading.sequencer.drain()


def snapshot_now(trading: Trading) -> Path:
    now = replay_journal(trading.directory, trading.encoder.reports)
    return write_snapshot(trading.directory, now.take_snapshot())


def test_replay_says_what_state_the_journal_leads_to(trading: Trading, data_dir: Path) -> None:
    play(trading, 3, 600)
    answer = told(data_dir, "replay")
    assert answer["digest"] == digest_of(trading)
    assert (answer["seq"], answer["commands"]) == (seq_of(trading), seq_of(trading))
    assert answer["event_seq"] == trading.writer.next_event_seq - 1
    assert answer["snapshot"] is answer["running_digest"] is None
    market = trading.engine.state.markets["ACME"]
    (acme,) = answer["symbols"]
    open_orders = sum(member.open_orders for member in trading.engine.state.members.values())
    assert acme["open_orders"] == open_orders > 0
    bid, ask = (levels(s, market.instrument, 1) for s in (market.book.bids, market.book.asks))
    assert [acme["bid"], acme["ask"]] == [list(bid[0]), list(ask[0])]


def test_every_place_leads_to_the_state_that_was_there(trading: Trading, data_dir: Path) -> None:
    known = {}
    for number in range(12):
        trading.say(buy(f"A{number}", "5", str(90 + number)), sell(f"B{number}", "2", "100"))
        known[seq_of(trading)] = (digest_of(trading), trading.now)
        if number in (4, 8):
            snapshot_now(trading)
    for seq, (digest, now_ns) in known.items():
        assert told(data_dir, "replay", "--to", str(seq))["digest"] == digest
        assert told(data_dir, "replay", "--to", str(seq), "--verify")["digest"] == digest
        assert told(data_dir, "replay", "--at", iso(now_ns))["seq"] == seq
    by_time = told(data_dir, "replay", "--at", "2027-01-01T00:00:00+05:30")
    assert by_time["digest"] == digest_of(trading)


def test_replay_begins_with_the_snapshot_before_and_verify_with_the_first_record(
    trading: Trading, data_dir: Path
) -> None:
    play(trading, 5, 200)
    taken = seq_of(trading)
    path = snapshot_now(trading)
    play(trading, 6, 50)
    short, whole = told(data_dir, "replay"), told(data_dir, "replay", "--verify")
    assert (short["snapshot"], short["commands"]) == (path.name, seq_of(trading) - taken)
    assert (whole["snapshot"], whole["commands"]) == (None, seq_of(trading))
    assert short["digest"] == whole["digest"] == digest_of(trading)
    assert told(data_dir, "replay", "--to", str(taken - 1))["snapshot"] is None


def test_snapshot_that_is_passed_over_is_said_on_stderr(trading: Trading, data_dir: Path) -> None:
    path = snapshot_now(trading)
    path.write_bytes(path.read_bytes()[:-1])
    result = run(data_dir, "replay", "--json")
    assert json.loads(result.stdout)["snapshot"] is None
    assert "snapshot passed over" in result.stderr and path.name in result.stderr


def test_text_names_place_speed_digest_and_books(trading: Trading, data_dir: Path) -> None:
    trading.say(buy("A1", "5", "99.5"), sell("B1", "2", "100.25"), sell("B2", "2", "100.25"))
    result = run(data_dir, "replay")
    assert result.exit_code == 0, result.stderr
    place, speed, digest, *table = result.stdout.splitlines()
    assert place.startswith(f"after record {seq_of(trading)}, event ")
    assert place.endswith("; begun with the first record")
    assert speed.startswith(f"{seq_of(trading)} commands in ")
    assert speed.endswith(" a second; every event is as recorded")
    assert digest == f"digest {digest_of(trading)}"
    (row,) = [line for line in table if "ACME" in line]
    assert row.replace("│", " ").split() == ["ACME", "5", "99.5", "100.25", "4", "3"]


def test_event_altered_under_right_checksums_is_named(trading: Trading, data_dir: Path) -> None:
    trading.say(buy("A1", "5", "100"))
    seq = seq_of(trading)
    *earlier, last = batches(trading)
    rewrite(trading.directory, [*earlier, altered(last, "EnterOrder", {"symbol": "GLOBEX"})])
    for option in ((), ("--verify",), ("--to", str(seq))):
        line = refused(data_dir, "replay", *option)
        expected = f"record {seq}, event 1: engine version {ENGINE_VERSION} gives OrderAccepted("
        assert line.startswith(expected)
    assert told(data_dir, "replay", "--to", str(seq - 1))["seq"] == seq - 1
    assert last_batch(trading) != last


def test_damage_in_what_is_on_disk_is_named_and_not_left_out(
    trading: Trading, data_dir: Path
) -> None:
    trading.say(buy("A1", "5", "100"))
    last = frames(trading.directory)[-1]
    data = bytearray(last.segment.path.read_bytes())
    data[last.end - 3] ^= 1
    last.segment.path.write_bytes(data)
    assert f"at offset {last.offset}, record " in refused(data_dir, "replay")
    forget_position(trading.directory)  # now it may be a torn tail, which nobody has
    assert told(data_dir, "replay")["seq"] == last.header.first_seq - 1


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (("--to", "999"), 1, "there is no record 999 yet: the last one is 9"),
        (("--at", "2026-01-04T00:00:00Z"), 1, "nothing was recorded by then"),
        (("--at", "noon"), 2, "'noon' is no time: "),
        (("--at", "2026-13-01T00:00:00Z"), 2, "'2026-13-01T00:00:00Z' is no time: month must"),
        (("--at", "25:00"), 2, "'25:00' is no time: hour must be in 0..23"),
        (("--to", "3", "--at", "09:30"), 2, "of --to and --at only one can be"),
    ],
)
def test_place_that_is_none_is_refused_in_one_line(
    trading: Trading, data_dir: Path, options: tuple[str, ...], status: int, why: str
) -> None:
    assert refused(data_dir, "replay", *options, status=status).startswith(why)


def test_without_a_journal_it_says_so(tmp_path: Path) -> None:
    assert refused(tmp_path, "replay") == f"no journal in {tmp_path}\n"
    assert refused(tmp_path, "book", "ACME", "--to", "1") == f"no journal in {tmp_path}\n"


def test_time_without_date_is_of_the_last_trading_day(trading: Trading, data_dir: Path) -> None:
    trading.say(buy("A1", "5", "100"))
    assert told(data_dir, "replay", "--at", "23:59")["seq"] == seq_of(trading)
    assert refused(data_dir, "replay", "--at", "07:59:59") == "nothing was recorded by then\n"


@contextmanager
def answering(data_dir: Path, reply: dict[str, Any]) -> Iterator[None]:
    """An admin socket that answers like a running venue."""

    def answer(request: dict[str, Any], send: Reply, uid: int) -> None:
        assert request == {"query": "digest"}
        send(reply)

    with serving(data_dir, answer):
        yield


def test_state_of_the_running_venue_that_is_another_is_named(
    trading: Trading, data_dir: Path
) -> None:
    trading.say(buy("A1", "5", "99"), buy("A2", "5", "99"))
    seq = seq_of(trading) - 1
    reply = {"ok": True, "seq": seq, "event_seq": seq, "digest": digest_of(trading)}
    with answering(data_dir, reply):
        result = run(data_dir, "replay", "--json")
        at = told(data_dir, "replay", "--to", str(seq))
    assert result.exit_code == 1
    assert result.stderr == (
        f"record {seq}: the running venue's state has digest {digest_of(trading)}, "
        f"replay gives {at['digest']}\n"
    )
    assert json.loads(result.stdout)["running_digest"] == digest_of(trading) != at["digest"]
    assert at["running_digest"] is None, "it is asked only for the state now"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTrading]:
    with RunningTrading(tmp_path_factory.mktemp("replay") / "data") as running:
        yield running
        running.stop()
        forget_position(running.data_dir / "journal")


def test_running_venue_has_the_state_that_replay_gives(running: RunningTrading) -> None:
    client = running.client("ALPHA")
    client.logon(extra=[(9001, "N")])
    for number in range(30):
        client.send("D", new_order(f"r{number}", "1", "3", "99.00"))
        client.expect_report(f"r{number}", "0")
        answer = told(running.data_dir, "replay")
        assert answer["running_digest"] == answer["digest"]
    acme = next(each for each in answer["symbols"] if each["symbol"] == "ACME")
    assert (acme["bid"], acme["ask"], acme["open_orders"]) == (["99", "90", 30], None, 30)
    assert "; the running venue has the same" in run(running.data_dir, "replay").stdout
    now = told(running.data_dir, "book", "ACME")
    then = told(running.data_dir, "book", "ACME", "--to", str(answer["seq"]))
    assert (then["bids"], now["bids"]) == ([["99", "90", 30]], [["99", "90", 30]])
    earlier = told(running.data_dir, "book", "ACME", "--to", str(answer["seq"] - 10))
    assert earlier["bids"] == [["99", "60", 20]]
    client.logout()
