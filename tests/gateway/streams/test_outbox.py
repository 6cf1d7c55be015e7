"""What waits for one reader: bounded, conflated, caught up with, and let go of."""

import json

import msgspec
import pytest

from venue.gateway.streams.feed import Feed, Key, encode
from venue.gateway.streams.messages import Channel, Numbered
from venue.gateway.streams.outbox import TRY_AGAIN, Bounds, Outbox

BOUNDS = Bounds(conflate_bytes=200, most_bytes=1_000, slow_seconds=30.0)


class Said(Numbered, frozen=True, kw_only=True, tag_field="type", tag="said"):
    text: str


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def feed_of(*, is_kept: bool, symbol: str = "ACME") -> Feed:
    channel = Channel.TRADES if is_kept else Channel.BOOK

    def whole() -> Said:
        return Said(epoch="e", number=feed.number, text="whole")

    feed = Feed(Key(channel, symbol, 10), "e", whole, is_kept=is_kept)
    return feed


def say(feed: Feed, text: str = "x" * 30) -> None:
    feed.say(Said(epoch="e", number=feed.number + 1, text=text))


def drained(outbox: Outbox, most: int = 1_000) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while len(found) < most and (payload := outbox.next()) is not None:
        outbox.sent()
        found.append(json.loads(payload))
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(clock: Clock) -> Outbox:
    return Outbox(lambda: None, clock, BOUNDS)


def test_reader_who_keeps_up_gets_each_message(outbox: Outbox) -> None:
    feed = feed_of(is_kept=False)
    feed.join(outbox, "", None)
    for number in range(1, 50):
        say(feed)
        assert [each["number"] for each in drained(outbox)] == [number]
    assert not outbox.is_slow


def test_slow_reader_gets_what_was_queued_then_what_it_missed_as_one_snapshot(
    outbox: Outbox,
) -> None:
    feed = feed_of(is_kept=False)
    feed.join(outbox, "", None)
    for _ in range(20):
        say(feed)
    assert outbox.is_slow and outbox.waiting_bytes < 300
    said = drained(outbox)
    queued = [each["number"] for each in said if str(each.get("text")).startswith("x")]
    assert queued == list(range(1, len(queued) + 1)) and len(queued) < 20
    conflated, whole = said[len(queued) :]
    assert conflated == {
        "type": "conflated", "channel": "book", "symbol": "ACME", "depth": 10,
        "updates": 20 - len(queued),
    }  # fmt: skip
    assert (whole["number"], whole["text"]) == (20, "whole")
    say(feed)
    assert [each["number"] for each in drained(outbox)] == [21] and not outbox.is_slow


def test_what_is_kept_is_never_left_out(outbox: Outbox) -> None:
    trades, book = feed_of(is_kept=True), feed_of(is_kept=False)
    for feed in (trades, book):
        feed.join(outbox, "", None)
    for _ in range(8):
        say(book)
        say(trades, "trade")
    numbers = [each["number"] for each in drained(outbox) if each.get("text") == "trade"]
    assert numbers == list(range(1, 9))


def test_catching_up_goes_in_steps_while_much_waits(outbox: Outbox) -> None:
    feeds = [feed_of(is_kept=False, symbol=f"S{number}") for number in range(6)]
    for feed in feeds:
        feed.join(outbox, "", None)
    for _ in range(3):
        for feed in feeds:
            say(feed)
    said = drained(outbox)
    whole = [each for each in said if each.get("text") == "whole"]
    missed = {each["symbol"] for each in said if each["type"] == "conflated"}
    assert len(whole) == len(missed) > 2 and not outbox.is_slow
    assert outbox.waiting_bytes == 0


def test_nothing_comes_of_a_feed_that_is_not_wanted_any_more(outbox: Outbox) -> None:
    feed = feed_of(is_kept=False)
    feed.join(outbox, "", None)
    for _ in range(20):
        say(feed)
    feed.leave(outbox)
    outbox.forget(feed)
    assert not [each for each in drained(outbox) if each["type"] == "conflated"]


def test_who_stays_slow_is_let_go_with_a_reason(outbox: Outbox, clock: Clock) -> None:
    feed = feed_of(is_kept=False)
    feed.join(outbox, "", None)
    for _ in range(20):
        say(feed)
    clock.now = 30.0
    outbox.look()
    assert outbox.ending is None
    clock.now = 30.1
    outbox.look()
    assert outbox.ending is not None and outbox.ending.code == TRY_AGAIN
    assert outbox.ending.reason.startswith("SLOW_READER")
    say(feed)
    outbox.put(b"{}")
    assert outbox.next() is None


def test_too_much_that_is_kept_ends_it(outbox: Outbox) -> None:
    feed = feed_of(is_kept=True)
    feed.join(outbox, "", None)
    while outbox.ending is None:
        say(feed)
        assert outbox.waiting_bytes <= BOUNDS.most_bytes + 100
    assert outbox.ending.code == TRY_AGAIN and outbox.waiting_bytes == 0


def test_only_the_first_reason_counts(outbox: Outbox) -> None:
    outbox.end(3000, "first")
    outbox.end(1013, "second")
    assert outbox.ending == (3000, "first")


def test_nothing_overtakes_what_waits_or_is_on_its_way(clock: Clock) -> None:
    written: list[bytes] = []
    is_free = True

    def straight(payload: bytes) -> bool:
        if is_free:
            written.append(payload)
        return is_free

    outbox = Outbox(lambda: None, clock, BOUNDS, straight)
    outbox.put(b"1")
    is_free = False
    outbox.put(b"2")
    is_free = True
    outbox.put(b"3")
    assert written == [b"1"] and outbox.next() == b"2"
    assert outbox.next() == b"3"
    outbox.put(b"4")
    assert outbox.next() == b"4", "3 was on its way"
    outbox.sent()
    outbox.put(b"5")
    assert written == [b"1", b"5"]


def test_snapshot_is_made_once_for_all_who_ask() -> None:
    feed = feed_of(is_kept=False)
    assert feed.snapshot() is feed.snapshot()
    before = feed.snapshot()
    say(feed)
    assert msgspec.json.decode(feed.snapshot())["number"] == 1 and feed.snapshot() != before
    assert feed.snapshot() == encode(Said(epoch="e", number=1, text="whole"))
