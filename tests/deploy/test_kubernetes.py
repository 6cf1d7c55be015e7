"""deploy/kubernetes: by its own schemas, and each command and setting one of the venue's."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.manifests import DEPLOY, documents, not_settings, parsed, process_of, strings
from venue.processes import BY_NAME, ENDPOINTS, SINKS
from venue.servers.needs import needs_of
from venue.settings.data_sections import MetricsSettings
from venue.settings.settings import Settings, load_settings
from venue.settings.url_files import URL_FILES

PLACE = DEPLOY / "kubernetes"
BASE = PLACE / "base"
CONFIGURATION = BASE / "configuration" / "venue.toml"
VERSIONS = ("1.31", kubernetes_validate.latest_version())
"""The oldest one that these manifests are for (ReadWriteOncePod, and the claims' retention)."""
FILES = sorted([*BASE.glob("*.yaml"), *(PLACE / "servers").glob("*.yaml")])
OBJECTS: list[Any] = [
    each for file in FILES if file.name != "kustomization.yaml" for each in documents(file)
]
URLS = {
    "nats_url": "nats://venue:secret@nats:4222",
    "database_url": "postgresql://venue_writer:secret@postgres/venue",
    "database_owner_url": "postgresql://venue_owner:secret@postgres/venue",
    "database_reader_url": "postgresql://venue_reader:secret@postgres/venue",
    "clearing_nats_url": "nats://clearing:secret@nats:4222",
    "marketdata_nats_url": "nats://marketdata:secret@nats:4222",
    "dropcopy_nats_url": "nats://dropcopy:secret@nats:4222",
    "gateway_nats_url": "nats://gateway:secret@nats:4222",
}
"""The keys of the Secret venue-urls, as docs/DEPLOY.md has it made."""


def named(kind: str, name: str) -> Any:
    (found,) = [e for e in OBJECTS if e["kind"] == kind and e["metadata"]["name"] == name]
    return found


def pods() -> Iterator[tuple[str, Any]]:
    """Every pod's name and specification."""
    for each in OBJECTS:
        if each["kind"] in ("StatefulSet", "Deployment"):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


PODS = dict(pods())
OURS = {name: pod for name, pod in PODS.items() if pod["containers"][0]["image"] == "venue"}


def container(pod: Any) -> Any:
    (only,) = pod["containers"]
    return only


def environment(pod: Any) -> dict[str, str]:
    """Its variables; what comes from a ConfigMap is empty here."""
    return {each["name"]: each.get("value", "") for each in container(pod)["env"]}


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_are_by_the_schema(version: str) -> None:
    for each in OBJECTS:
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine")
@pytest.mark.parametrize("place", ["base", "overlays/complete"])
def test_kustomize_makes_objects_that_are_by_the_schema(place: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["kubectl", "kustomize", str(PLACE / place)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    (tmp_path / "made.yaml").write_text(done.stdout)
    made = documents(tmp_path / "made.yaml")
    for each in made:
        kubernetes_validate.validate(each, VERSIONS[-1], strict=True)
        assert each["metadata"].get("namespace", "venue") == "venue"
    names = [each["metadata"]["name"] for each in made if each["kind"] == "ConfigMap"]
    assert len(names) == 1 and re.fullmatch(r"venue-configuration-\w{10}", names[0])
    assert f"name: {names[0]}\n" in done.stdout.replace("metadata:\n  name:", ""), "pods name it"
    assert ("name: postgres\n" in done.stdout) == (place != "base")


def test_each_file_is_in_a_kustomization_and_each_that_is_named_is_there() -> None:
    for directory in (BASE, PLACE / "servers"):
        (kustomization,) = documents(directory / "kustomization.yaml")
        there = {file.name for file in directory.glob("*.yaml")} - {"kustomization.yaml"}
        assert set(kustomization["resources"]) == there
        for generator in kustomization.get("configMapGenerator", []):
            assert all((directory / file).is_file() for file in generator["files"])


@pytest.mark.parametrize("name", OURS)
def test_command_and_environment_are_the_venues(name: str) -> None:
    pod = OURS[name]
    command = ["venue", *container(pod)["args"]]
    process = process_of(command)
    assert name == ("venue" if process is None else f"venue-{process.name}")
    assert str(parsed(command)["config"]) == "/etc/venue/venue.toml"
    names = [each for each in environment(pod) if each.startswith("VENUE_")]
    assert not_settings(names) == []
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        command = container(pod).get(probe, {}).get("exec", {}).get("command")
        if command is not None:
            parsed(command)


@pytest.mark.parametrize("name", OURS)
def test_it_starts_with_its_settings_and_has_the_urls_that_it_needs(
    name: str, no_settings: None, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(OURS[name], secrets, tmp_path, monkeypatch)
    process = process_of(["venue", *container(OURS[name])["args"]])
    if process is None:
        assert settings.gate is not None and settings.gate.has_tls
        assert settings.processes.elsewhere == tuple(
            sink.name for sink in SINKS if f"venue-{sink.name}" in OURS
        )
        assert settings.database_url == URLS["database_reader_url"], "it books nothing"
        assert settings.nats.seal
    else:
        assert all(needs_of(process, settings)), "a URL that it needs is not given"
    if name == "venue-gateway":
        assert (settings.fix.host, settings.gateway.host) == ("venue-trading", "0.0.0.0")
        assert settings.database_url == URLS["database_reader_url"]


def settings_of(
    pod: Any, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """As its container reads them, from files at another place."""
    mounts = {each["name"]: each["mountPath"] for each in container(pod)["volumeMounts"]}
    files = {
        "/run/secrets/venue-gate/tls.crt": secrets / "gate_certificate",
        "/run/secrets/venue-gate/tls.key": secrets / "gate_key",
    }
    (urls,) = [each for each in pod["volumes"] if each["name"] == "urls"]
    for item in urls["secret"]["items"]:
        file = tmp_path / item["path"]
        file.write_text(URLS[item["key"]])
        files[f"{mounts['urls']}/{item['path']}"] = file
    for name, value in environment(pod).items():
        if name in URL_FILES:
            monkeypatch.setenv(name, str(files[value]))
        elif value:
            monkeypatch.setenv(name, str(files.get(value, value)))
    return load_settings(CONFIGURATION, data_dir=tmp_path / "data")


@pytest.mark.parametrize("name", PODS)
def test_pod_is_as_the_restricted_standard_has_it(name: str) -> None:
    pod = PODS[name]
    whole = pod["securityContext"]
    assert whole["runAsNonRoot"] is True and whole["runAsUser"] > 0
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
    assert whole["fsGroupChangePolicy"] == "OnRootMismatch"
    assert pod["automountServiceAccountToken"] is False
    only = container(pod)
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in only["resources"]["limits"] and only["resources"]["requests"]
    volumes = {each["name"] for each in pod["volumes"]}
    claims = {"data"} if "data" not in volumes else set()
    assert {each["name"] for each in only["volumeMounts"]} == volumes | claims


def test_there_is_one_of_each_and_never_two_at_a_time() -> None:
    for each in OBJECTS:
        if each["kind"] == "Deployment":
            assert each["spec"]["replicas"] == 1
            assert each["spec"]["strategy"] == {"type": "Recreate"}
    trading = named("StatefulSet", "venue")["spec"]
    assert trading["replicas"] == 1
    (claim,) = trading["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert set(trading["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}


def test_restart_gives_trading_the_time_that_its_stop_takes() -> None:
    pod = PODS["venue"]
    stops = sum(sorted({p.stop_seconds for p in BY_NAME.values()}, reverse=True)[:1])
    ranks = {process.stop_rank for process in BY_NAME.values()}
    assert pod["terminationGracePeriodSeconds"] >= stops * len(ranks)
    assert "livenessProbe" not in container(pod), "the supervisor does it, and ends no session"
    start = container(pod)["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= 600
    assert (
        load_settings(
            CONFIGURATION, overrides=["nats_url=", "database_url="]
        ).fix.logon_grace_seconds
        >= 60
    )


def test_labels_of_selectors_are_those_of_pods() -> None:
    labels = {}
    for each in OBJECTS:
        if each["kind"] in ("StatefulSet", "Deployment"):
            labels[each["metadata"]["name"]] = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"] == labels[each["metadata"]["name"]]
    for each in OBJECTS:
        if each["kind"] == "Service":
            wanted = each["spec"]["selector"].items()
            (pod,) = [name for name, has in labels.items() if wanted <= has.items()]
            opened = {port["containerPort"] for port in container(PODS[pod])["ports"]}
            assert {port["port"] for port in each["spec"]["ports"]} <= opened, each["metadata"]


def test_eviction_of_trading_is_refused_and_of_nobody_else() -> None:
    trading = named("PodDisruptionBudget", "venue-trading")["spec"]
    assert trading["minAvailable"] == 1
    labels = named("StatefulSet", "venue")["spec"]["template"]["metadata"]["labels"]
    assert trading["selector"]["matchLabels"].items() <= labels.items()
    assert named("PodDisruptionBudget", "venue-beside")["spec"]["maxUnavailable"] == 1


def test_network_is_closed_but_for_what_the_processes_listen_on() -> None:
    closed = named("NetworkPolicy", "venue-nothing")["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ingress = named("NetworkPolicy", "venue-trading")["spec"]["ingress"]
    outside, gateway, monitoring = ingress
    assert "from" not in outside
    assert [port["port"] for port in outside["ports"]] == [9888, 9889, 9890]
    (peer,) = gateway["from"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "gateway"
    assert [port["port"] for port in gateway["ports"]] == [9878]
    (ports,) = monitoring["ports"]
    first = MetricsSettings().port
    assert (ports["port"], ports["endPort"]) == (first, first + len(ENDPOINTS) - 1)


def test_every_secret_and_configuration_that_is_read_is_said_in_the_document() -> None:
    document = (DEPLOY.parent / "docs" / "DEPLOY.md").read_text()
    for pod in PODS.values():
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert f"`{volume['secret']['secretName']}`" in document
                for item in volume["secret"].get("items", []):
                    assert f"{item['key']}" in document and (item["key"] in URLS), (
                        "the test above has no such URL"
                    )
    assert "`venue-seal`" in document


def test_no_secret_stands_in_a_manifest() -> None:
    for each in OBJECTS:
        assert each["kind"] != "Secret"
        assert not any(re.search(r"://[^/\s]+:[^/\s]+@", text) for text in strings(each))


def test_images_have_a_tag_that_does_not_move() -> None:
    (kustomization,) = documents(BASE / "kustomization.yaml")
    tags = {each["name"]: each["newTag"] for each in kustomization["images"]}
    for pod in PODS.values():
        image = container(pod)["image"]
        assert tags.get(image) or re.search(r":[\w.-]*\d[\w.-]*$", image), image
