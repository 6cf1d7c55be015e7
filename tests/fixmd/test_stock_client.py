"""A stock QuickFIX with the dictionary that comes with it takes all that it is sent."""

import json
import subprocess
import sys
from pathlib import Path

from tests.fixmd.running import Flow, address, reader_client, venue_with_readers

ROOT = Path(__file__).resolve().parents[2]


def test_stock_quickfix_takes_everything(tmp_path: Path) -> None:
    with venue_with_readers(tmp_path / "venue") as venue:
        reader_client(venue, "ALPHA-MD").close()
        store = tmp_path / "store"
        store.mkdir()
        argv = [sys.executable, "-m", "tests.fixmd.quickfix_reader"]
        client = subprocess.Popen(
            [*argv, str(address(venue)[1]), str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert client.stdout is not None
            assert client.stdout.readline() == "subscribed\n"
            flow = Flow(venue, 21)
            for _ in range(5):
                flow.act(30)
            flow.log_out()
            told = json.loads(client.stdout.readline())
            assert told["refused"] == []
            assert set(told["taken"]) == set("WXYydfh")
            assert client.wait(90) == 0
        finally:
            client.kill()
            client.wait()
            assert client.stdout is not None
            client.stdout.close()
