"""docs/OBSERVABILITY.md has every metric, port, rule and finding, and no other."""

import re
from pathlib import Path

from deploy.alert_rules import ALERT_RULES
from venue.metrics.catalog import CATALOG
from venue.processes import BY_NAME, ENDPOINTS
from venue.settings.data_sections import MetricsSettings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "OBSERVABILITY.md").read_text()
AT = {"host": "who hosts it", "data": "fix-marketdata, fix-dropcopy"}


def test_table_of_metrics_is_the_catalog() -> None:
    row = r"^\| `(venue_\w+)`((?: `\w+`)*) \| (\w+) \| ([\w, -]+) \| (.*) \|$"
    rows = re.findall(row, DOCUMENT, re.MULTILINE)
    assert rows == [
        (each.name, "".join(f" `{label}`" for label in each.labels), each.kind,
         AT.get(each.at, each.at), each.help)
        for each in CATALOG
    ]  # fmt: skip


def test_names_are_as_prometheus_wants_them() -> None:
    assert len({each.name for each in CATALOG}) == len(CATALOG)
    for each in CATALOG:
        assert each.name.endswith("_total") == (each.kind == "counter"), each.name
        assert each.help.endswith("."), each.name


def test_table_of_ports_is_that_of_the_processes() -> None:
    assert sorted(ENDPOINTS) == sorted(BY_NAME)
    first = MetricsSettings().port
    rows = re.findall(r"^\| (\d{4}) \| ([\w-]+) \|", DOCUMENT, re.MULTILINE)
    assert rows == [(str(first + place), name) for place, name in enumerate(ENDPOINTS[: len(rows)])]
    behind = ", ".join(ENDPOINTS[len(rows) :])
    assert f"| {first + len(rows)} to {first + len(ENDPOINTS) - 1} | {behind} |" in DOCUMENT


def test_table_of_rules_is_that_of_the_rules() -> None:
    rows = re.findall(r"^\| (Venue\w+) \| (\w+) \| (\w+) \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(each.name, each.lasts, each.severity, each.do) for each in ALERT_RULES]


def test_table_of_findings_has_every_code() -> None:
    source = "".join(path.read_text() for path in (ROOT / "venue" / "doctor").glob("*.py"))
    given = set(re.findall(r'(error|warning)\(\s*"([A-Z_]+)"', source))
    rows = re.findall(r"^\| ([A-Z_]+) \| (error|warning) \|", DOCUMENT, re.MULTILINE)
    assert {(level, code) for code, level in rows} == given
