"""Heads that are taken out, taken back or made anew are found, and what is not of the journal."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from tests.dropcopy.events import write_journal
from venue.audit.heads import HeadsDamaged
from venue.audit.trail import Trail
from venue.audit.verify import ProblemKind, verify
from venue.journal.durable import forget_position

from .events import audited, deposit
from .test_verify import ENTRIES, lines_of, problem
from .test_verify import places as places


def test_public_key_is_enough_to_verify_and_signs_nothing(places: tuple[Path, Path]) -> None:
    (places[1] / "key").unlink()
    assert verify(*places).ok
    with pytest.raises(HeadsDamaged, match="key is missing"):
        Trail(*places)


@pytest.mark.parametrize("taken", [0, 1, 2], ids=["first", "second", "third"])
def test_head_that_was_taken_out_is_missed(places: tuple[Path, Path], taken: int) -> None:
    path = places[1] / "heads.jsonl"
    lines = lines_of(path)
    path.write_bytes(b"".join(lines[:taken] + lines[taken + 1 :]))
    found = problem(places)
    assert found.kind is ProblemKind.HEADS and f"heads.jsonl:{taken + 1}" in found.detail


@pytest.mark.parametrize("left", [0, 1, 2])
def test_heads_that_were_taken_off_the_end_are_missed(places: tuple[Path, Path], left: int) -> None:
    path = places[1] / "heads.jsonl"
    path.write_bytes(b"".join(lines_of(path)[:left]))
    assert problem(places).kind is ProblemKind.HEADS
    path.unlink()
    assert problem(places).kind is ProblemKind.HEADS


def test_head_that_a_crash_left_beside_the_trail_alone_is_appended(
    places: tuple[Path, Path],
) -> None:
    path = places[1] / "heads.jsonl"
    lines = lines_of(path)
    path.write_bytes(b"".join(lines[:-1]))
    assert verify(*places).ok
    Trail(*places).close()
    assert lines_of(path) == lines


def back_to(places: tuple[Path, Path], kept: Path, entry: int) -> None:
    """Keep the last head, then take trail, heads and head.json back to `entry` entries."""
    kept.write_bytes((places[0] / "head.json").read_bytes())
    for path in (*places[0].iterdir(), places[1] / "heads.jsonl"):
        path.unlink()
    trail = Trail(*places)
    trail.append(audited(1, entry))
    trail.sign()
    trail.close()


def test_trail_and_heads_taken_back_together_are_found_by_a_head_kept_elsewhere(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    back_to(places, kept, 20)
    assert verify(*places).ok, "nothing in it shows it"
    found = verify(*places, kept=kept).problem
    assert found is not None and found.kind is ProblemKind.TRUNCATED
    found = verify(*places, audited=ENTRIES).problem
    assert found is not None and found.kind is ProblemKind.TRUNCATED


def test_new_key_does_not_make_a_new_trail_the_one_that_was_kept(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_bytes((places[0] / "head.json").read_bytes())
    for path in (*places[0].iterdir(), *places[1].iterdir()):
        path.unlink()
    trail = Trail(*places)
    trail.append(audited(1, ENTRIES))
    trail.sign()
    trail.close()
    assert verify(*places).ok
    found = verify(*places, kept=kept).problem
    assert found is not None and "the signature is not of this key" in found.detail


@pytest.mark.parametrize("is_running", [True, False], ids=["running", "stopped"])
def test_entries_are_compared_with_the_journal(
    places: tuple[Path, Path], tmp_path: Path, is_running: bool
) -> None:
    journal = tmp_path / "journal"
    events = [deposit(seq) for seq in range(1, ENTRIES + 3)]
    write_journal(journal, list(events), per_batch=7)
    if not is_running:
        forget_position(journal)
    whole = verify(*places, journal=journal)
    assert whole.ok
    assert whole.notes == ("the journal goes on: 2 events are not in the trail yet",)
    for path in (*places[0].iterdir(), *places[1].iterdir()):
        path.unlink()
    trail = Trail(*places)
    forged = audited(12, 12)[0]
    forged = forged._replace(payload=forged.payload.replace(b"100.50", b"900.50"))
    trail.append([*audited(1, 11), forged, *audited(13, ENTRIES)])
    trail.sign()
    trail.close()
    found = verify(*places, journal=journal).problem
    assert found is not None and found.kind is ProblemKind.REWRITTEN
    assert (found.event_seq, found.detail) == (12, "the journal has another event 12")
    forget_position(journal)


def test_heads_of_an_older_version_are_taken_and_the_next_is_chained_to_them(
    places: tuple[Path, Path],
) -> None:
    key = bytes.fromhex((places[1] / "key").read_text())
    older = []
    for line in lines_of(places[1] / "heads.jsonl"):
        head = json.loads(line)
        text = f"{head['count']}|{head['event_seq']}|{head['timestamp_ns']}|{head['hash']}"
        head["signature"] = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        del head["number"], head["previous"]
        older.append(json.dumps(head).encode() + b"\n")
    (places[1] / "heads.jsonl").write_bytes(b"".join(older))
    (places[0] / "head.json").write_bytes(older[-1].rstrip())
    (places[1] / "public-key").unlink()
    assert verify(*places).ok
    trail = Trail(*places)
    trail.append(audited(ENTRIES + 1, ENTRIES + 1))
    trail.sign()
    trail.close()
    assert verify(*places).ok
    path = places[1] / "heads.jsonl"
    path.write_bytes(b"".join(older[:-1]) + lines_of(path)[-1])
    assert problem(places).kind is ProblemKind.HEADS
