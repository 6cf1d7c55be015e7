"""What a start tells the operator of how it came to its state."""

from venue.journal.origin import new_origin
from venue.replay.replay import Replay
from venue.startup import Recovered


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
