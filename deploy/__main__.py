"""`python -m deploy`: dashboards and alert rules as files, made of their tables.

Says whether the files differ (exit 1); `--write` brings them in. `--host NAME`: where Prometheus
finds the venue.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from deploy.alert_rules import ALERT_RULES, AlertRule
from deploy.dashboards import DASHBOARDS, Dashboard, Panel
from venue.settings.data_sections import MetricsSettings

DEPLOY = Path(__file__).resolve().parent
_WIDTH, _HEIGHT, _ROW = 12, 8, 24
_STAT_WIDTH, _STAT_HEIGHT = 6, 4
_SCHEMA_VERSION = 39
_MADE = "# Made by `python -m deploy --write`; change its tables, not this file.\n"
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def main() -> int:
    """Compare or write; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the files")
    parser.add_argument("--host", default="127.0.0.1", help="where the venue's ports are")
    arguments = parser.parse_args()
    texts = files(arguments.host)
    if arguments.write:
        for name, text in texts.items():
            path = DEPLOY / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return 0
    different = [
        name
        for name, text in texts.items()
        if not (DEPLOY / name).exists() or (DEPLOY / name).read_text() != text
    ]
    for name in different:
        print(f"deploy/{name} is not what its table says")
    return 1 if different else 0


def files(host: str) -> dict[str, str]:
    """Text of every file, by its path below deploy/."""
    found = {
        "prometheus/prometheus.yml": prometheus_text(host),
        "prometheus/alerts.yml": alerts_text(),
        "grafana/provisioning/datasources/venue.yml": _datasource_text(),
        "grafana/provisioning/dashboards/venue.yml": _provider_text(),
    }
    for dashboard in DASHBOARDS:
        text = json.dumps(dashboard_json(dashboard), indent=1)
        found[f"grafana/dashboards/{dashboard.uid}.json"] = f"{text}\n"
    return found


def prometheus_text(host: str, first: int = 0, seconds: int = 5) -> str:
    """Configuration of Prometheus: the rules, and where it asks which ports there are.

    first: the first port; 0: the default one.
    """
    port = first or int(MetricsSettings.model_fields["port"].default)
    return (
        f"{_MADE}# The first port says at /targets which processes there are.\n"
        f"global:\n  scrape_interval: {seconds}s\n  evaluation_interval: {seconds}s\n"
        f"rule_files:\n  - alerts.yml\nscrape_configs:\n  - job_name: venue\n"
        f"    http_sd_configs:\n      - url: http://{host}:{port}/targets\n"
        f"        refresh_interval: {seconds}s\n"
    )


def alerts_text() -> str:
    """The rules, as Prometheus reads them."""
    return f"{_MADE}groups:\n  - name: venue\n    rules:\n" + "".join(map(_rule_text, ALERT_RULES))


def _rule_text(rule: AlertRule) -> str:
    lines = {
        "alert": rule.name,
        "expr": _quoted(rule.expr),
        "for": rule.lasts,
        "labels": f"{{severity: {rule.severity}}}",
    }
    first, *rest = (f"{key}: {value}" for key, value in lines.items())
    notes = {"summary": rule.summary, "do": rule.do, "where": rule.where}
    text = f"      - {first}\n" + "".join(f"        {line}\n" for line in rest)
    text += "        annotations:\n"
    return text + "".join(f"          {key}: {_quoted(value)}\n" for key, value in notes.items())


def _quoted(text: str) -> str:
    """A text as YAML has it in double quotes, which is as JSON has it."""
    return json.dumps(text)


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """A dashboard as Grafana imports it."""
    panels, x, y, height = [], 0, 0, 0
    for number, panel in enumerate(dashboard.panels, 1):
        is_stat = panel.kind == "stat"
        w, h = (_STAT_WIDTH, _STAT_HEIGHT) if is_stat else (_WIDTH, _HEIGHT)
        if x + w > _ROW or (x and h != height):
            x, y = 0, y + height
        height = h
        panels.append(_panel_json(number, panel, {"x": x, "y": y, "w": w, "h": h}))
        x += w
    variable = {"name": "datasource", "label": "Prometheus", "type": "datasource",
                "query": "prometheus", "current": {}, "hide": 0, "refresh": 1}  # fmt: skip
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["venue"],
        "timezone": "utc",
        "editable": True,
        "refresh": "5s",
        "schemaVersion": _SCHEMA_VERSION,
        "version": 1,
        "time": {"from": "now-15m", "to": "now"},
        "templating": {"list": [variable]},
        "annotations": {"list": []},
        "links": [{"title": "Venue", "type": "dashboards", "tags": ["venue"], "asDropdown": True}],
        "panels": panels,
    }


def _panel_json(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + at), "expr": query.expr, "legendFormat": query.legend or "__auto",
         "datasource": _DATASOURCE, "editorMode": "code", "range": True}
        for at, query in enumerate(panel.queries)
    ]  # fmt: skip
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": _DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {},
        "targets": targets,
    }


def _datasource_text() -> str:
    return (
        f"{_MADE}apiVersion: 1\ndatasources:\n  - name: Prometheus\n    type: prometheus\n"
        "    access: proxy\n    url: ${PROMETHEUS_URL}\n    isDefault: true\n"
    )


def _provider_text() -> str:
    return (
        f"{_MADE}apiVersion: 1\nproviders:\n  - name: venue\n    type: file\n"
        "    options:\n      path: /etc/grafana/dashboards\n"
    )


if __name__ == "__main__":
    sys.exit(main())
