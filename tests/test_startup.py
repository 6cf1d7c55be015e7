"""What a start tells the operator of how it came to its state."""

from structlog.testing import capture_logs

from venue.journal.origin import new_origin
from venue.replay.replay import Replay
from venue.startup import Progress, Recovered


def test_summary_is_of_the_replay_and_of_its_time() -> None:
    replay = Replay(lambda event: ())
    replay.commands, replay.snapshot, replay.cut = 7, "a.snapshot", "a tail"
    assert Recovered(replay, 1.5, origin=new_origin("restored")).summary() == {
        "seconds": 1.5,
        "commands": 7,
        "snapshot": "a.snapshot",
        "cut": "a tail",
        "clock": None,
        "origin": "restored",
    }


def test_progress_is_told_every_two_seconds_with_what_is_known_of_the_end() -> None:
    times = iter((0.0, 1.9, 2.0, 3.9, 4.1, 9.0))
    progress = Progress(2_000_000, lambda: next(times))
    with capture_logs() as logs:
        for event_seq in (900_000, 1_000_000, 1_900_000, 1_999_999):
            progress.tell(event_seq)
        progress.tell(2_000_001)  # the journal has more than anybody knew
    assert [line["event"] for line in logs] == [
        "executing the journal again: event 1,000,000 of 2,000,000",
        "executing the journal again: event 1,999,999 of 2,000,000",
        "executing the journal again: event 2,000,001",
    ]
