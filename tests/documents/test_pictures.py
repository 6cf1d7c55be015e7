"""docs/life-of-*.svg are what the venue does; and what they show of an order is all there is."""

import random
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.documents.blocks import ROOT
from tests.engine.builders import trading
from tests.engine.random_flow import RandomFlow
from tests.engine.test_random_flow import do_all_of
from venue.domain import commands as c
from venue.domain import events as e
from venue.engine.state.orders import TRANSITIONS

DOCS = ROOT / "docs"
PICTURES = ("life-of-an-order.svg", "life-of-a-trade.svg", "life-of-a-byte.svg")


def generate(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, DOCS / "generate_pictures.py", *arguments], capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_pictures_are_those_that_the_venue_gives() -> None:
    assert generate() == (0, "")


def test_picture_that_was_changed_by_hand_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    import generate_pictures

    monkeypatch.setattr(generate_pictures, "DOCS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate_pictures.py", "--write"])
    assert generate_pictures.main() == 0
    changed = tmp_path / PICTURES[0]
    changed.write_text(changed.read_text().replace("TradeExecuted", "TradeMade"))
    monkeypatch.setattr(sys, "argv", ["generate_pictures.py"])
    assert generate_pictures.main() == 1
    assert capsys.readouterr().out.startswith(f"docs/{PICTURES[0]} is not what")


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_shown_by_concepts_and_asks_for_nothing(name: str) -> None:
    assert f"]({name})" in (DOCS / "CONCEPTS.md").read_text()
    root = ElementTree.fromstring((DOCS / name).read_text())
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert tags <= {"svg", "title", "defs", "marker", "path", "rect", "text"}


def test_order_makes_no_step_that_the_picture_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    import walked

    drawn = set(walked.steps(walked.life_of_orders().events))
    assert len(drawn) > 20
    seen = set()
    for seed in (1, 2):
        seen |= set(walked.steps(flow_with_changes(seed)))
    assert seen - drawn == set()
    allowed = {
        (before, after)
        for befores, afters in TRANSITIONS.values()
        for before in befores
        for after in afters
    }
    assert {(one, two) for one, _, two in drawn if one is not None} <= allowed


def flow_with_changes(seed: int) -> list[e.AnyEvent]:
    """Random orders of all kinds, and busts and corrections of their trades."""
    venue, source = trading(), random.Random(seed)
    events: list[e.AnyEvent] = []
    trades: list[e.TradeExecuted] = []
    for command in RandomFlow(seed, 2_000):
        new = do_all_of(venue, command)
        trades += [event for event in new if isinstance(event, e.TradeExecuted)]
        if trades and source.random() < 0.1:
            trade = source.choice(trades[-30:])
            change = (
                c.BustTrade(trade.match_id)
                if source.random() < 0.4
                else c.CorrectTrade(trade.match_id, trade.last_px)
            )
            new += do_all_of(venue, change)
        events += new
    return events
