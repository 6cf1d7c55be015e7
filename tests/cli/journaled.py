"""`venue journal` on a data directory, and trades for the journal there."""

from tests.cli.command_line import CommandLine
from tests.engine.builders import buy, sell
from tests.sequencer.builders import Trading
from venue.cli.records.journal import app

line = CommandLine(app)
run, told, refused = line.run, line.told, line.refused


def trade(trading: Trading, count: int) -> None:
    for number in range(count):
        trading.say(buy(f"A{number}", "5", "100"), sell(f"B{number}", "5", "100"))
