"""A listener misses nothing, wherever its connection or process ends, with numbers or without."""

import random
from pathlib import Path

import pytest

from tests.fix_message import Message
from tests.marketdata.random_venue import SESSIONS
from venue.fixdc import feed
from venue.fixdc.core import DropCopies
from venue.fixdc.listener import ROOM_BYTES, Terms
from venue.fixdc.places import ask_rewind, read_places
from venue.fixdc.sources import Sources
from venue.journal.segment import list_segments
from venue.replay.retention import remove_segments

from .venue_day import (
    EVENTS,
    LISTENER,
    OF_ALPHA,
    Client,
    FakeWire,
    Journal,
    copies,
    exec_ids,
    killed,
    listening,
    resent,
)


def test_all_copies_come_in_order_with_their_session(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        wanted = copies()
        assert [sent.fields[17] for sent in client.reports] == [copy.exec_id for copy in wanted]
        assert [sent.message.route for sent in client.reports] == [
            f"115={copy.session}\x01" for copy in wanted
        ]
        assert not any(sent.again for sent in client.reports)
        assert {SESSIONS[copy.session] for copy in wanted} == {"ALPHA"}
        assert {copy.session for copy in wanted} == {"A1", "A2"}


@pytest.mark.parametrize("reset", [False, True])
def test_for_every_cut_point_all_copies_come_and_none_that_was_proven_comes_again(
    tmp_path: Path, journal: Journal, reset: bool
) -> None:
    """The client's machine has taken all; its program has read `cut` messages, no more."""
    journal.write()
    wanted = exec_ids()
    for cut in range(0, len(wanted), 3):
        wire, client, place = FakeWire(), Client(), tmp_path / f"dc{cut}"
        with listening(place, wire, journal) as core:
            client.log_on(core, wire)
            client.listen(core, wire, most=cut)
            proven = {sent.fields[17] for sent in client.reports[: proven_by(client)]}
            client.log_out(core, wire)
            client.log_on(core, wire, reset=reset)
            first_time = len(client.reports)
            client.listen(core, wire)
        assert sorted(client.exec_ids, key=int) == sorted(wanted, key=int)
        again = client.reports[first_time:]
        assert not proven & {sent.fields[17] for sent in again}
        may_be_known = {sent.fields[17] for sent in client.reports[:first_time]}
        assert {sent.fields[17] for sent in again if not sent.again}.isdisjoint(may_be_known)


def proven_by(client: Client) -> int:
    """How many reports lie before the last TestRequest that the client has answered."""
    tests = [at for at, sent in enumerate(client.read) if sent.fields.msg_type == "1"]
    last = tests[-1] if tests else 0
    return sum(sent.fields.msg_type == "8" for sent in client.read[:last])


@pytest.mark.parametrize("seed", range(6))
def test_through_kills_and_cuts_at_random_the_set_is_the_journals(
    tmp_path: Path, journal: Journal, seed: int
) -> None:
    chance, wire, client = random.Random(seed), FakeWire(), Client()
    written = 0
    for _ in range(25):
        written = min(len(EVENTS), written + chance.randint(0, len(EVENTS) // 15))
        journal.write(written)
        start = chance.choice([listening, killed, killed])
        with start(tmp_path / "dc", wire, journal) as core:
            for _ in range(chance.randint(0, 3)):
                client.log_on(core, wire, reset=chance.random() < 0.4)
                client.listen(core, wire, most=chance.choice([0, 1, 2, 7, 50, None]))
                client.log_out(core, wire)
    journal.write()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire, reset=chance.random() < 0.5)
        client.listen(core, wire)
    assert sorted(client.exec_ids, key=int) == sorted(exec_ids(), key=int)
    texts = {copy.exec_id: copy.text_for(venue_dialect=True) for copy in copies()}
    assert all(sent.message.text == texts[sent.fields[17]] for sent in client.reports)


def test_resend_gives_the_same_copies_under_their_numbers(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire, most=40)
        client.log_out(core, wire)
        client.log_on(core, wire)
        client.listen(core, wire)
    by_number = {sent.number: sent for sent in client.reports}
    middle = sorted(by_number)[len(by_number) // 2]
    with killed(tmp_path / "dc", wire, journal) as core:
        kept = resent(core, 1, 1 << 30)
        assert list(resent(core, middle, middle)) == [middle]
        assert min(resent(core, middle, 1 << 30)) == middle
    assert kept.keys() >= by_number.keys()
    for number, sent in by_number.items():
        told = kept[number]
        assert (told.text, told.route) == (sent.message.text, sent.message.route)
        assert (told.sent_ns, told.again) == (sent.sent_ns, sent.again)


def test_numbers_of_before_a_reset_are_no_ones(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        last = wire.next_out[LISTENER]
        client.log_out(core, wire)
        client.log_on(core, wire, reset=True)
        client.listen(core, wire)
        assert resent(core, 1, last) == {}, "nothing was unread"


def test_numbers_that_begin_again_by_themselves_are_noticed(
    tmp_path: Path, journal: Journal
) -> None:
    """An operator has taken the session's numbers back to 1."""
    journal.write(len(EVENTS) // 2)
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        client.log_out(core, wire)
        wire.next_out[LISTENER] = 1
        journal.write()
        client.log_on(core, wire)
        client.listen(core, wire)
        numbers = [sent.number for sent in client.reports if sent.number in resent(core, 1, 9)]
        assert numbers and client.exec_ids == exec_ids()


def test_slow_client_is_sent_no_more_than_it_has_room_for(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        wire.unread = ROOM_BYTES
        assert client.listen(core, wire) == 0
        core.keep()
        assert read_places(tmp_path / "dc" / "places.json").listeners[LISTENER].waits
        wire.unread = 0
        client.listen(core, wire)
    assert client.exec_ids == exec_ids()


def test_who_is_behind_reads_the_journal_and_others_do_not_wait(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hardly anything is kept at hand, so the late one has to read from the journal."""
    monkeypatch.setattr(feed, "AT_HAND", 5)
    wire, fast, late = FakeWire(), Client("FAST"), Client("LATE")
    core = DropCopies(tmp_path / "dc" / "places.json", journal.directory, wire)
    core.configure({"FAST": OF_ALPHA, "LATE": OF_ALPHA})
    fast.log_on(core, wire)
    for written in range(0, len(EVENTS), 50):
        journal.write(written)
        fast.listen(core, wire)
    journal.write()
    late.log_on(core, wire)
    late.listen(core, wire)
    fast.listen(core, wire)
    assert fast.exec_ids == late.exec_ids == exec_ids()
    core.close()


def test_full_disk_loses_nothing(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire, most=5)
        wire.full_disk = True
        for _ in range(3):
            core.go_on()
        wire.full_disk = False
        client.listen(core, wire)
    assert client.exec_ids == exec_ids()


def test_operator_sets_a_listener_back(tmp_path: Path, journal: Journal) -> None:
    journal.write()
    wire, client = FakeWire(), Client()
    wanted = exec_ids()
    middle = wanted[len(wanted) // 2]
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        client.read.clear()
        asked = ask_rewind(tmp_path / "dc", LISTENER, int(middle) // 10 - 1)
        client.listen(core, wire)
        assert not asked.exists()
        assert all(sent.again for sent in client.reports)
    at = min(i for i, each in enumerate(wanted) if int(each) // 10 == int(middle) // 10)
    assert client.exec_ids == wanted[at:]


def test_what_retention_has_removed_is_said(tmp_path: Path) -> None:
    from tests.dropcopy.events import write_journal

    directory = tmp_path / "journal"
    write_journal(directory, list(EVENTS), per_batch=20, segment_bytes=1 << 16)
    segments = list_segments(directory)
    assert len(segments) > 2
    remove_segments(directory, segments[: len(segments) // 2])
    first = segments[len(segments) // 2].first_event_seq
    wire, client = FakeWire(), Client()
    core = DropCopies(tmp_path / "dc" / "places.json", directory, wire)
    core.configure({LISTENER: OF_ALPHA})
    client.log_on(core, wire)
    client.listen(core, wire)
    (news,) = [sent.fields for sent in client.read if sent.fields.msg_type == "B"]
    assert news[148].startswith(f"COPIES_LOST events 1 to {first - 1} ")
    left = [event for event in EVENTS if event.event_seq >= first]
    assert client.exec_ids == exec_ids(left)
    core.close()


def test_terms_that_change_count_from_the_next_copy_on(tmp_path: Path, journal: Journal) -> None:
    half = len(EVENTS) // 2
    journal.write(half)
    wire, client = FakeWire(), Client()
    with listening(tmp_path / "dc", wire, journal) as core:
        client.log_on(core, wire)
        client.listen(core, wire)
        trades = Terms(Sources(frozenset({"ALPHA"}), levels="trades"))
        core.configure({LISTENER: trades})
        journal.write()
        client.listen(core, wire)
    assert client.exec_ids == exec_ids(EVENTS[:half]) + exec_ids(EVENTS[half:], trades)
    assert "880" not in Message(client.reports[-1].message.text.encode()).raw.decode().split("\x01")
