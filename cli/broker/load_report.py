"""What `venue bench load` has measured: table, JSON, picture, and whether something is missing."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from venue.cli.json_output import print_json
from venue.cli.options import console, refuse
from venue.load.mix import Mix
from venue.load.outcome import Outcome, quantiles_us
from venue.load.picture import latency_picture
from venue.load.task import Task
from venue.printable import shown


def tell(outcomes: Sequence[Outcome], task: Task, picture: Path | None, as_json: bool) -> None:
    """Print and draw; ends with status 1 where something was not answered, or not measured."""
    measured = [outcome for outcome in outcomes if outcome.seconds]
    if not measured:
        refuse("ended before anything was measured")
    mix, last = task.plan.mix, outcomes[-1]
    is_whole = not last.unanswered and not last.is_ended_early
    if as_json:
        print_json({"ok": is_whole, "runs": [outcome.as_object() for outcome in measured]})
    else:
        for outcome in measured:
            console().print(_as_table(outcome, mix))
    if picture is not None:
        _draw(picture, measured, mix)
    if last.is_ended_early:
        refuse(f"ended early, with {last.unanswered} messages unanswered")
    if last.unanswered:
        refuse(f"{last.unanswered} messages were not answered within {task.answer_seconds:g} s")


def _draw(file: Path, outcomes: Sequence[Outcome], mix: Mix) -> None:
    points = [(outcome.offered or 0, quantiles_us(outcome.latency)) for outcome in outcomes]
    how = f"{outcomes[0].sessions} sessions, {mix.text()}, {mix.cross} % cross"
    file.write_text(latency_picture(points, f"Latency from the moment due; {how}"))


def _as_table(outcome: Outcome, mix: Mix) -> Table:
    how = f"{outcome.offered:,}/s" if outcome.offered else f"{outcome.in_flight} in flight each"
    table = Table(
        title=f"{how}, {outcome.sessions} sessions, {outcome.seconds:.1f} s", show_header=False
    )
    table.add_row("mix", f"{mix.text()}, {mix.cross} % of the new cross")
    table.add_row("acknowledged a second", f"{outcome.acknowledged_per_second:,}")
    table.add_row("fills", f"{outcome.fills:,}")
    since = "when due" if outcome.offered else "when sent"
    for name, value in quantiles_us(outcome.latency).items():
        table.add_row(f"answered {since}, {name.replace('_', '.')}", f"{value / 1000:.3f} ms")
    if outcome.offered:
        late = quantiles_us(outcome.late)["p99"]
        table.add_row("of that late in the client, p99", f"{late / 1000:.3f} ms")
    table.add_row(f"{outcome.client} client's CPU a message", f"{outcome.client_us:.1f} us")
    for reason, count in outcome.rejects.items():
        table.add_row(Text(shown(f"rejected: {reason}")), f"{count:,}")
    if outcome.resend_requests:
        table.add_row("the venue asked for messages again", f"{outcome.resend_requests:,} times")
    table.add_row("unanswered", f"{outcome.unanswered:,}")
    return table
