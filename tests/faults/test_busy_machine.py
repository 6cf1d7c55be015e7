"""The harness on a busy machine: it takes longer there, and waits for nobody that hardly runs."""

import os
from pathlib import Path

from tests.faults.client_log import ClientLog
from tests.faults.load_orders import OrderFlow
from tests.faults.load_session import MOST_PENDING, Habits, LoadSession
from tests.faults.processes import Deployment


def test_nothing_that_a_round_waits_for_gives_way_to_other_programs(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path / "venue")
    try:
        deployment.start_servers()
        for process in deployment.processes.values():
            process.start()
        pids = {name: process.pid for name, process in deployment.processes.items()}
        pids |= {name: server.pid for name, server in deployment.servers.items()}
        nice = {name: os.getpriority(os.PRIO_PROCESS, pid) for name, pid in pids.items() if pid}
    finally:
        deployment.end()
    assert nice == dict.fromkeys(pids, os.nice(0))


def test_session_asks_for_no_more_while_too_much_is_unanswered(tmp_path: Path) -> None:
    flow = OrderFlow("ALPHA", "seed")
    session = LoadSession("ALPHA", Habits(), ("", 0), ClientLog(tmp_path, "ALPHA"), flow, "seed")
    session.on = True
    for _ in range(MOST_PENDING):
        assert session.takes_requests
        flow.request()
    assert not session.takes_requests
    assert flow.take({"35": "8", "11": next(iter(flow.pending)), "150": "0", "39": "8"})
    assert session.takes_requests
    session.close()
