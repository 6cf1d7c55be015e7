"""compose.yaml: by its schema, hardened, its commands and settings those of the venue."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import (
    DEPLOY,
    ROOT,
    documents,
    not_settings,
    parsed,
    process_of,
    schema_errors,
    strings,
)
from venue.gate.tls import make_context
from venue.servers import nats
from venue.settings.data_sections import MetricsSettings
from venue.settings.gate import GateSettings
from venue.settings.settings import load_settings

(COMPOSE,) = documents(ROOT / "compose.yaml")
SERVICES: dict[str, Any] = COMPOSE["services"]
VENUE = SERVICES["venue"]
CONFIGURATION = DEPLOY / "compose" / "venue.toml"


def test_file_is_by_the_schema() -> None:
    assert schema_errors(COMPOSE, "compose-spec") == []


def has_compose() -> bool:
    """Whether this machine has the command; no engine is needed for it to read a file."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = [docker, "compose", "version"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=30).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not on this machine")
def test_compose_itself_takes_it(secrets: Path) -> None:
    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_services_are_the_five() -> None:
    assert list(SERVICES) == ["venue", "nats", "postgres", "prometheus", "grafana"]


@pytest.mark.parametrize("name", SERVICES)
def test_service_may_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged") and "network_mode" not in service
    assert "cap_add" not in service or name == "postgres"
    assert not service["image"].endswith(":latest") and ":" in service["image"]
    for volume in service["volumes"]:
        source, options = volume.partition(":")[0], volume.rpartition(":")[2]
        assert not source.startswith(".") or options == "ro", volume


def test_command_and_environment_of_the_venue_are_its_own() -> None:
    command = ["venue", *VENUE["command"]]
    assert process_of(command) is None
    assert str(parsed(command)["config"]) == "/etc/venue/venue.toml"
    assert not_settings(VENUE["environment"]) == []


def test_only_fix_by_tls_is_published_where_others_reach_it() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            address, published, inside = re.fullmatch(
                r"(.+?):(\$\{\w+:-\d+\}):(\d+)", port
            ).groups()  # type: ignore[union-attr]
            assert published.endswith(f"-{inside}}}"), "the same number inside and outside"
            is_fix = name == "venue" and inside in ("9888", "9889", "9890")
            assert address == ("${VENUE_BIND:-127.0.0.1}" if is_fix else "127.0.0.1"), port


def test_ports_are_those_of_the_configuration(
    no_settings: None, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = configured(secrets, monkeypatch)
    assert settings.gate is not None
    inside = {int(port.rpartition(":")[2]) for port in VENUE["ports"]}
    assert inside == {*settings.gate.ports().values(), settings.gateway.port}


def configured(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings with which the container starts, its secrets at another place."""
    for name, value in VENUE["environment"].items():
        monkeypatch.setenv(name, value.replace("/run/secrets", str(secrets)))
    return load_settings(CONFIGURATION)


def test_configuration_is_sound_and_has_no_password(
    no_settings: None, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = configured(secrets, monkeypatch)
    password = (secrets / "nats_password").read_text().strip()
    assert settings.nats_url == f"nats://venue:{password}@nats:4222"
    assert settings.database_url.endswith("@postgres/venue")
    assert settings.fix.host == "127.0.0.1" and settings.gate.host == "0.0.0.0"
    assert [s.comp_id for s in settings.sessions if s.password is not None] == []


def test_every_secret_is_a_file_that_the_script_makes(secrets: Path) -> None:
    made = {path.name for path in secrets.iterdir()}
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./deploy/compose/secrets/{name}"}
        assert name in made
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for service in SERVICES.values():
        for text in strings(service):
            for name in re.findall(r"/run/secrets/(\w+)", text):
                assert name in service["secrets"], text
    assert "deploy/compose/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_secrets_are_made_once_for_their_owner_alone(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert all(len(before[name].strip()) == 48 for name in ("nats_password", "grafana_password"))
    script = ["sh", str(DEPLOY / "compose" / "make_secrets.sh"), str(secrets)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    make_context(GateSettings(certificate=secrets / "gate_certificate", key=secrets / "gate_key"))
    checked = [str(nats.binary()), "-t", "-c", str(secrets / "nats_config")]
    assert subprocess.run(checked, capture_output=True, check=False).returncode == 0


def test_files_that_are_mounted_are_there() -> None:
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert not source.startswith("./") or (ROOT / source).exists(), volume
            assert source.startswith("./") or source in COMPOSE["volumes"], volume


def test_example_of_the_environment_has_each_variable_with_its_default() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (ROOT / "compose.yaml").read_text()))
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert dict(line.split("=", 1) for line in lines if line and not line.startswith("#")) == used


def test_prometheus_asks_the_venue_at_its_first_port_with_the_rules_that_are_mounted() -> None:
    (prometheus,) = documents(DEPLOY / "compose" / "prometheus.yml")
    (plain,) = documents(DEPLOY / "prometheus" / "prometheus.yml")
    (job,) = prometheus["scrape_configs"]
    (found,) = job["http_sd_configs"]
    first = MetricsSettings().port
    assert found["url"] == f"http://venue:{first}/targets"
    found["url"] = found["url"].replace("//venue:", "//127.0.0.1:")
    assert prometheus == plain, "else it is the one that is made of the tables"
    (rules,) = prometheus["rule_files"]
    mounted = f"./deploy/prometheus/{rules}:/etc/prometheus/{rules}:ro"
    assert mounted in SERVICES["prometheus"]["volumes"]


def test_grafana_shows_the_dashboards_where_its_provider_looks() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (providers,) = documents(provisioning / "dashboards" / "venue.yml")
    path = providers["providers"][0]["options"]["path"]
    volumes = SERVICES["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{path}:ro" in volumes
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in volumes
    (sources,) = documents(provisioning / "datasources" / "venue.yml")
    variable = sources["datasources"][0]["url"].strip("${}")
    assert SERVICES["grafana"]["environment"][variable] == "http://prometheus:9090"
    assert list((DEPLOY / "grafana" / "dashboards").glob("*.json"))
