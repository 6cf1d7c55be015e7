"""A real Prometheus, where one is installed, finds, scrapes and answers."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from deploy.__main__ import DEPLOY, prometheus_text
from deploy.alert_rules import ALERT_RULES
from deploy.dashboards import DASHBOARDS
from tests.metrics.scraping import addresses, get
from tests.running_venue import RunningVenue
from tests.servers.conditions import wait_for
from venue.servers.ports import accepts, free_port


def test_prometheus_reads_every_port_and_every_query_of_the_dashboards(
    venue: RunningVenue, tmp_path: Path
) -> None:
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed (Debian: prometheus)")
    ports = addresses(venue)
    host, _, first = ports["metrics"].rpartition(":")
    (tmp_path / "prometheus.yml").write_text(prometheus_text(host, int(first), seconds=1))
    shutil.copy(DEPLOY / "prometheus/alerts.yml", tmp_path)
    at = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [program, "--config.file", str(tmp_path / "prometheus.yml"), "--web.listen-address", at,
         "--storage.tsdb.path", str(tmp_path / "data"), "--log.level", "error"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def asked(query: str) -> list[dict[str, object]]:
        status, text = get(at, f"/api/v1/query?query={quote(query)}")
        answer = json.loads(text)
        assert (status, answer["status"]) == (200, "success"), text
        found: list[dict[str, object]] = answer["data"]["result"]
        return found

    try:
        wait_for(lambda: accepts(at), 20)
        wait_for(lambda: get(at, "/-/ready")[0] == 200, 30)
        wait_for(lambda: len(asked('up{job="venue"} == 1')) == len(ports), 30)
        wait_for(lambda: bool(asked("rate(venue_journal_records_total[10s])")), 30)
        for dashboard in DASHBOARDS:
            for panel in dashboard.panels:
                for query in panel.queries:
                    asked(query.expr.replace("$__rate_interval", "10s"))
        rules = json.loads(get(at, "/api/v1/rules")[1])["data"]["groups"][0]["rules"]
        assert [each["name"] for each in rules] == [rule.name for rule in ALERT_RULES]
        assert {each["health"] for each in rules} <= {"ok", "unknown"}
    finally:
        process.terminate()
        process.wait(20)
