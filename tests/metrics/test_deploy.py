"""deploy/: files are what their tables say, and name nothing that the venue does not show."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.__main__ import DEPLOY, files
from deploy.alert_rules import ALERT_RULES, AlertRule
from deploy.dashboards import DASHBOARDS
from tests.metrics.scraping import SERIES, names_in
from venue.metrics.catalog import CATALOG, series_names

ROOT = DEPLOY.parent


def test_files_are_what_their_tables_say() -> None:
    for name, text in files("127.0.0.1").items():
        assert (DEPLOY / name).read_text() == text, f"{name}: python -m deploy --write"


@pytest.mark.parametrize("rule", ALERT_RULES, ids=lambda rule: rule.name)
def test_rule_names_metrics_of_the_catalog_only(rule: AlertRule) -> None:
    assert names_in(rule.expr) <= SERIES.keys()
    assert names_in(rule.expr) or "up{" in rule.expr
    assert rule.do and (ROOT / rule.where).is_file()


def test_dashboards_name_metrics_of_the_catalog_and_every_one_of_them() -> None:
    shown = set()
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for query in panel.queries:
                assert names_in(query.expr), (dashboard.title, panel.title)
                shown |= names_in(query.expr)
    assert shown <= SERIES.keys()
    missing = [each.name for each in CATALOG if not shown.intersection(series_names(each))]
    assert missing == []


def test_dashboards_are_json_whose_panels_do_not_overlap() -> None:
    for dashboard in DASHBOARDS:
        read = json.loads((DEPLOY / f"grafana/dashboards/{dashboard.uid}.json").read_text())
        assert (read["uid"], len(read["panels"])) == (dashboard.uid, len(dashboard.panels))
        taken: set[tuple[int, int]] = set()
        for panel in read["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
            assert not cells & taken, (dashboard.uid, panel["title"])
            assert max(x for x, _ in cells) < 24
            taken |= cells
    assert len({each.uid for each in DASHBOARDS}) == len(DASHBOARDS)


def test_rules_are_read_as_they_were_meant() -> None:
    read = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
    rules = read["groups"][0]["rules"]
    assert [(each["alert"], each["expr"], each["for"]) for each in rules] == [
        (rule.name, rule.expr, rule.lasts) for rule in ALERT_RULES
    ]
    assert [each["annotations"]["do"] for each in rules] == [rule.do for rule in ALERT_RULES]
    assert {each["labels"]["severity"] for each in rules} == {"critical", "warning"}


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return found


def test_promtool_takes_configuration_and_rules() -> None:
    done = subprocess.run(
        [promtool(), "check", "config", str(DEPLOY / "prometheus/prometheus.yml")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_alert_when_they_should_and_not_before(tmp_path: Path) -> None:
    done = subprocess.run(
        [promtool(), "test", "rules", str(Path(__file__).parent / "alerts_test.yml")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
