"""How long somebody is behind: from when the journal was where he is not yet."""

from venue.metrics.lags import Lags


def test_nothing_is_known_before_the_journal_was_looked_at() -> None:
    assert Lags().seconds_behind(0, 1.0) is None


def test_lag_is_since_the_oldest_event_that_is_lacking() -> None:
    lags = Lags()
    for event_seq, now in ((10, 100.0), (20, 101.0), (20, 102.0), (30, 103.0)):
        lags.note(event_seq, now)
    assert lags.seconds_behind(30, 110.0) == 0.0
    assert lags.seconds_behind(20, 110.0) == 7.0
    assert lags.seconds_behind(19, 110.0) == 9.0
    assert lags.seconds_behind(10, 110.0) == 9.0
    assert lags.seconds_behind(3, 110.0) == 10.0  # at least: what was before is not known


def test_another_journal_begins_anew() -> None:
    lags = Lags()
    lags.note(100, 1.0)
    lags.note(5, 2.0)
    assert lags.seconds_behind(4, 3.0) == 1.0
    assert lags.seconds_behind(5, 3.0) == 0.0
