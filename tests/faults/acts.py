"""What is done to a venue under its supervisor: killed whole or in part, refused, copied, doubled.

An act is a generator that yields whenever it waits. It raises Wrong for what the venue does and may
not, or leaves undone; what is lost or doubled meanwhile is for the checker to find.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.faults import neighbours
from tests.faults.acting import Acted, Acting, Lane, Stage
from tests.faults.flip import flipped_last_frame, given_away, seen_by_clients
from tests.faults.lanes import NotBack
from tests.faults.supervised import SupervisedVenue, Wrong
from venue.journal.durable import forget_position
from venue.servers.trading_unit import RESTARTS_MAX, RESTARTS_SECONDS

_REFUSED_STARTS = 3
_FLIPS_MAX = 10
Act = Callable[[Acting], Lane]


def supervised_lane(
    stage: Stage, venue: SupervisedVenue, acts: Sequence[str], draw: random.Random
) -> Lane:
    """Start the venue, then these acts one after the other, each under load."""
    acting = Acting(stage, venue, draw)
    yield from acting.started()
    for name in acts:
        yield from acting.serve()
        yield from ACTS[name](acting)


def _whole(acting: Acting) -> Lane:
    """Everything is killed at one moment, and started again at once."""
    at_ns = time.monotonic_ns()
    pids = acting.venue.kill_whole(acting.draw)
    acting.note_end(at_ns)
    yield from acting.started()
    acting.done("venue run, killed whole", at_ns)
    yield from acting.gone(pids)


def _supervisor(acting: Acting) -> Lane:
    """The supervisor alone is killed: all that it started dies with it."""
    at_ns = time.monotonic_ns()
    pids = acting.venue.kill_supervisor()
    acting.note_end(at_ns)
    yield from acting.started()
    acting.done("venue run, supervisor killed", at_ns)
    yield from acting.gone(pids)


def _stopped(acting: Acting) -> Lane:
    """A clean stop, status 0, and a start."""
    at_ns = time.monotonic_ns()
    pids = acting.venue.family()
    acting.venue.ask_to_stop()
    yield from acting.wait(lambda: acting.venue.status() is not None, "venue run does not stop")
    status = acting.venue.wait()
    if status != 0:
        raise Wrong(f"venue run ended with {status} when asked: {acting.venue.last_line()}")
    acting.note_end(at_ns, clean=True)
    yield from acting.gone(pids)
    yield from acting.started()
    acting.done("venue run, stopped by SIGTERM", at_ns)


def _trading(acting: Acting) -> Lane:
    """Trading alone is killed: the supervisor starts it again and disturbs nobody else."""
    venue = acting.venue
    yield from acting.wait(acting.may_kill_trading, "trading was killed too often")
    before = venue.runtime
    at_ns = time.monotonic_ns()
    acting.note_trading_killed()
    venue.kill_trading()
    acting.note_end(at_ns)
    yield from acting.answered_since(at_ns)
    acting.done("venue run, trading alone killed", at_ns)
    after = venue.runtime
    if after.restarts["trading"] != before.restarts["trading"] + 1:
        raise Wrong(f"restarts of trading: {before.restarts} before, {after.restarts} after")
    moved = {name for name, pid in before.processes.items() if after.processes.get(name) != pid}
    if moved != {"trading"} or after.fix != before.fix or after.servers != before.servers:
        raise Wrong(f"trading was killed, and {before} became {after}")


def _trading_four_times(acting: Acting) -> Lane:
    """Trading ends a fourth time in a minute: it stays down, all stops, and that is said."""
    venue, began = acting.venue, time.monotonic()
    yield from acting.wait(acting.may_kill_trading, "trading was killed too often")
    for _ in range(RESTARTS_MAX):
        yield from _trading(acting)
    assert time.monotonic() - began < RESTARTS_SECONDS, "the machine is too busy for this act"
    at_ns = time.monotonic_ns()
    pids = venue.family()
    venue.kill_trading()
    acting.note_end(at_ns)
    yield from acting.wait(lambda: venue.status() is not None, "venue run goes on")
    status, said = venue.wait(), [line for line in venue.lines() if "stays down" in line]
    if status != 1 or len(said) != 1:
        raise Wrong(f"trading ended four times, venue run ended with {status} and said {said}")
    yield from acting.gone(pids)
    yield from acting.started()
    acting.done("venue run, trading killed four times", at_ns)


def _refused(acting: Acting) -> Lane:
    """Everything is killed, a bit of the last frame flips: no start takes it, however often tried.

    Clients have seen reports of that frame. Then the bit flips back, and all is there.
    """
    yield from _flipped(acting, lambda: seen_by_clients(acting.stage.logs), "")


def _refused_after_reboot(acting: Acting) -> Lane:
    """The same when the machine was started anew: what memory held is gone, files tell it.

    Before the end trading stands still, until others have in their files what clients have seen.
    """
    venue, logs = acting.venue, acting.stage.logs

    def reboot() -> int:
        forget_position(venue.journal)
        return given_away(venue.data_dir)

    def before() -> Lane:
        venue.freeze_trading()
        yield from acting.wait(
            lambda: given_away(venue.data_dir) >= seen_by_clients(logs), "followers stay behind"
        )

    yield from _flipped(acting, reboot, " after a reboot", before)


def _flipped(
    acting: Acting,
    known: Callable[[], int],
    when: str,
    before: Callable[[], Lane] = lambda: iter(()),
) -> Lane:
    """known: the last event that somebody is known to have; asked while nothing runs."""
    for _ in range(_FLIPS_MAX):
        yield from before()
        at_ns = time.monotonic_ns()
        acting.venue.kill_whole(acting.draw)
        acting.note_end(at_ns)
        with flipped_last_frame(acting.venue.journal, known(), acting.draw) as flipped:
            for number in range(_REFUSED_STARTS if flipped is not None else 0):
                yield from _refused_start(acting, f"start {number + 1} on {flipped}")
        yield from acting.started()
        if flipped is not None:
            acting.done(f"{_REFUSED_STARTS} starts on a flipped bit{when}, then one on none", at_ns)
            return
        yield from acting.serve()
    raise NotBack(f"{_FLIPS_MAX} times nobody had seen the last frame of the journal")


def _refused_start(acting: Acting, what: str) -> Lane:
    venue = acting.venue
    venue.start()
    yield from acting.wait(
        lambda: venue.status() is not None or venue.is_ready(), "venue run neither starts nor ends"
    )
    if venue.status() is None:
        raise Wrong(f"{what} was taken, though clients have what is damaged")
    status, said = venue.wait(), venue.last_line()
    if status == 0 or "received already" not in said:
        raise Wrong(f"{what} ended with {status}: {said}")


def _beside(visit: Callable[[SupervisedVenue, Path], Lane], kind: str) -> Act:
    """Another venue beside this one under load, which must not notice; see neighbours.py."""

    def act(acting: Acting) -> Lane:
        at_ns, venue = time.monotonic_ns(), acting.venue
        before = venue.runtime
        yield from visit(venue, venue.data_dir.with_name(f"neighbour-{at_ns}"))
        after = venue.runtime
        if before != after:
            raise Wrong(f"{kind}: {before} became {after}")
        yield from acting.serve()
        acting.stage.acted.append(Acted(kind, None))

    return act


def _copied_when_dead(acting: Acting) -> Lane:
    """Everything is killed, the directory copied, the copy started; then the venue itself."""
    at_ns, venue = time.monotonic_ns(), acting.venue
    venue.kill_whole(acting.draw)
    acting.note_end(at_ns)
    yield from neighbours.copy(venue, venue.data_dir.with_name(f"neighbour-{at_ns}"))
    yield from acting.started()
    acting.done("venue run, killed whole and copied", at_ns)


ACTS: Mapping[str, Act] = {
    "whole": _whole,
    "supervisor": _supervisor,
    "stopped": _stopped,
    "trading": _trading,
    "trading-four-times": _trading_four_times,
    "refused": _refused,
    "refused-after-reboot": _refused_after_reboot,
    "copy": _beside(neighbours.copy, "copy of the running directory beside it"),
    "copy-when-dead": _copied_when_dead,
    "copy-adopted": _beside(neighbours.adopted_copy, "adopted copy beside it"),
    "strangers": _beside(neighbours.on_same_servers, "another venue on both its servers"),
    "nats": _beside(neighbours.on_same_nats, "another venue on its nats-server"),
    "database": _beside(neighbours.on_same_database, "another venue on its database"),
}
