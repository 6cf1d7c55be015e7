"""`venue replay` and `venue book` on a data directory, and the state that trading there is in."""

import typer

from tests.cli.command_line import CommandLine
from tests.sequencer.builders import Trading
from venue.cli.records.replay import replay
from venue.cli.screen.book import book
from venue.engine.image.digest import state_digest

app = typer.Typer()
app.command("replay")(replay)
app.command("book")(book)
line = CommandLine(app)
run, told, refused = line.run, line.told, line.refused


def seq_of(trading: Trading) -> int:
    return trading.writer.next_seq - 1


def digest_of(trading: Trading) -> str:
    return state_digest(trading.engine.state)
