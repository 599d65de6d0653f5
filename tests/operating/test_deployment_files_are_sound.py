"""The chart, the compose file, the proxies' settings and the alert rules, judged by their own tools."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import toolchains
import yaml
from audiences import Audience, until
from servers import PostgreSQL, Server, start_server

from flaghoist.app.lake_place import lake_place
from flaghoist.base.settings import Settings
from flaghoist.store.logs.address import Address

pytestmark = pytest.mark.world

DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "helm" / "flaghoist"
KUBERNETES = "1.33"
SECRET_KEY = "dGhlIHNlY3JldCBrZXkgb2YgYWxsIHRlc3Qgbm9kZXM="
SECRETS = {
    "POSTGRES_PASSWORD": "of-the-database",
    "FLAGHOIST_SECRET_KEY": SECRET_KEY,
    "FLAGHOIST_METRICS_TOKEN": "for-prometheus",
    "STORAGE_USER": "flags",
    "STORAGE_PASSWORD": "of-the-objects",
}
LATER = ("FlaghoistStoreAway", "FlaghoistEventsWait", "FlaghoistLogWaits")
SHARED = {
    "replicas": 3,
    "secrets": {
        "databaseUrl": "postgresql://flags@db/flags",
        "secretKey": SECRET_KEY,
        "metricsToken": "for-prometheus",
    },
    "lake": {"url": "s3://bucket/facts", "s3Endpoint": "https://s3.example.com"},
}
LAYOUTS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "three nodes on object storage": SHARED,
    "a secret and a claim that exist": {"replicas": 2, "existingSecret": "flags", "lake": {"existingClaim": "facts"}},
    "object storage and a log with keys and certificates": {
        **SHARED,
        "secrets": {
            **SHARED["secrets"],
            "awsAccessKeyId": "id",
            "awsSecretAccessKey": "key",
            "eventLogUrl": "kafka://b:9093/events?security.protocol=SSL&ssl.ca.location=/certificates/ca.pem",
        },
        "lake": {**SHARED["lake"], "region": "eu-central-1", "cacheBytes": 20_000_000_000},
        "certificates": {"existingConfigMap": "authorities"},
    },
    "keys of the lake in a secret of their own": {
        **SHARED,
        "lake": {**SHARED["lake"], "credentialsSecret": "bucket"},
        "serviceAccount": {"name": "flags"},
    },
    "everything": {
        **SHARED,
        "workers": 4,
        "settings": {"rate_limit": 200, "log_level": "warning"},
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "certificates": {"existingSecret": "authorities"},
        "serviceAccount": {"create": True, "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/flags"}},
        "ingress": {"enabled": True, "host": "flags.example.com", "tlsSecret": "tls", "annotations": {"a": "b"}},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "service": {"type": "LoadBalancer", "annotations": {"c": "d"}},
        "persistence": {"size": "50Gi", "storageClass": "fast"},
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "flags", "operator": "Exists"}],
        "podAnnotations": {"e": "f"},
        "drainSeconds": 30,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def helm() -> str:
    found = toolchains.helm()
    if found is None:
        pytest.skip("there is no helm for this kind of machine on PyPI, and none on the PATH")
    return found


def test_the_chart_passes_its_linter(helm: str) -> None:
    done = _run(helm, "lint", "--strict", "--kube-version", KUBERNETES, str(CHART))
    assert "0 chart(s) failed" in done.stdout, done.stdout


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_rendered_is_what_kubernetes_takes(helm: str, layout: str, tmp_path: Path) -> None:
    import kubernetes_validate

    found = _rendered(helm, LAYOUTS[layout], tmp_path)
    for each in found:
        if each["apiVersion"] != "monitoring.coreos.com/v1":  # a kind of the Prometheus operator's own
            kubernetes_validate.validate(each, KUBERNETES, strict=True)
    kinds = sorted(each["kind"] for each in found)
    expected = ["PodDisruptionBudget", "Secret", "Service", "Service", "StatefulSet"]
    if layout == "everything":
        expected = sorted([*expected, "Ingress", "ServiceAccount", "ServiceMonitor"])
    if "existingSecret" in LAYOUTS[layout]:
        expected.remove("Secret")
    assert kinds == expected


def test_a_node_of_the_chart_is_given_time_and_asked_the_right_things(helm: str, tmp_path: Path) -> None:
    found = {each["kind"]: each for each in _rendered(helm, LAYOUTS["everything"], tmp_path)}
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    ours = {name.removeprefix("FLAGHOIST_").lower(): value for name, value in variables.items() if "FLAGHOIST_" in name}
    given = {name.removeprefix("FLAGHOIST_").lower() for name in found["Secret"]["stringData"]}
    settings = Settings.load({**ours, "database_url": "postgresql://x"}, {})
    assert {*ours, *given} <= set(Settings.__dataclass_fields__), "the chart sets what is no setting"
    assert (settings.workers, settings.rate_limit, settings.log_format) == (4, 200, "json")
    assert not (set(ours) & given), "what is secret comes from the Secret alone"
    assert pod["terminationGracePeriodSeconds"] >= settings.drain_seconds + 45
    noticed_after = container["readinessProbe"]["periodSeconds"] * container["readinessProbe"]["failureThreshold"]
    assert noticed_after < settings.drain_seconds
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz?for=sdks"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    annotations = found["Ingress"]["metadata"]["annotations"]
    assert int(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > settings.heartbeat_seconds
    monitored = found["ServiceMonitor"]["spec"]["endpoints"][0]
    assert monitored["authorization"]["credentials"]["key"] in found["Secret"]["stringData"]
    assert monitored["relabelings"] == [{"targetLabel": "job", "replacement": "flaghoist"}]


def test_a_node_knows_its_lake_and_its_log_and_keys_come_from_secrets_alone(helm: str, tmp_path: Path) -> None:
    layout = LAYOUTS["object storage and a log with keys and certificates"]
    found = {each["kind"]: each for each in _rendered(helm, layout, tmp_path)}
    (container,) = found["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    secrets = found["Secret"]["stringData"]
    ours = {
        name.removeprefix("FLAGHOIST_").lower(): value
        for name, value in {**variables, **secrets}.items()
        if name.startswith("FLAGHOIST_")
    }
    settings = Settings.load(ours, {})
    place = lake_place(settings, copies=tmp_path)
    assert (place.name, settings.lake_s3_endpoint) == ("s3://bucket/facts", "https://s3.example.com")
    assert settings.lake_cache_bytes == 20_000_000_000
    assert Address.of(settings.event_log_url).options["ssl.ca.location"].startswith(_mounted(container)["certificates"])
    assert variables["AWS_REGION"] == "eu-central-1"
    assert {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}.items() <= secrets.items()
    assert not set(secrets) & set(variables)

    layout = LAYOUTS["keys of the lake in a secret of their own"]
    found = {each["kind"]: each for each in _rendered(helm, layout, tmp_path)}
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    assert [each["secretRef"]["name"] for each in pod["containers"][0]["envFrom"]] == ["flags-flaghoist", "bucket"]
    assert pod["serviceAccountName"] == "flags"


def _mounted(container: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["mountPath"] for each in container["volumeMounts"]}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replicas": 2}, "2 replicas need secrets.databaseUrl"),
        ({"replicas": 2, "secrets": {"databaseUrl": "postgresql://db/x"}}, "2 replicas need secrets.secretKey"),
        ({**SHARED, "lake": {}}, "3 replicas need lake.url or lake.existingClaim"),
        ({"lake": {"url": "s3://a", "existingClaim": "b"}}, "set one of them"),
        ({"secrets": {"awsAccessKeyId": "id"}}, "set both or neither"),
        ({"lake": {"credentialsSecret": "bucket"}}, "is for lake.url"),
        ({"certificates": {"existingSecret": "a", "existingConfigMap": "b"}}, "set one of existingSecret"),
        ({"secrets": {"eventLogUrl": "amqp://rabbit"}}, "eventLogUrl"),
        ({"serviceMonitor": {"enabled": True}}, "serviceMonitor needs secrets.metricsToken"),
        ({"secrets": {"secretKey": "too short"}}, "secretKey"),
        ({"replica": 3}, "replica"),
        ({"drainSeconds": 900}, "drainSeconds"),
    ],
    ids=["no database", "no key", "no lake", "two lakes", "half a key", "keys to nothing", "two sets of certificates",
         "no log", "open figures", "a bad key", "a misspelt value", "too long"],
)  # fmt: skip
def test_what_cannot_work_is_refused_when_it_is_rendered(
    helm: str, values: dict[str, Any], said: str, tmp_path: Path
) -> None:
    done = _template(helm, values, tmp_path)
    assert done.returncode != 0
    assert said in done.stderr


def test_the_compose_file_says_what_it_means() -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"database", "flags-1", "flags-2", "proxy"}
    mounted = {volume.partition(":")[0] for each in services.values() for volume in each["volumes"]}
    assert {name for name in mounted if not name.startswith("./")} == set(compose["volumes"])
    assert all((DEPLOY / "compose" / name).exists() for name in mounted if name.startswith("./"))
    nodes = [services["flags-1"], services["flags-2"]]
    assert nodes[0]["volumes"][0] != nodes[1]["volumes"][0], "each node has a data folder of its own"
    for node in nodes:
        assert "ports" not in node, "only the proxy is reached from outside"
        ours = {
            name.removeprefix("FLAGHOIST_").lower(): value
            for name, value in node["environment"].items()
            if name.startswith("FLAGHOIST_")
        }
        settings = Settings.load(ours, {})
        assert set(ours) <= set(Settings.__dataclass_fields__)
        assert int(node["stop_grace_period"].removesuffix("s")) > settings.drain_seconds + 35
        context = DEPLOY / "compose" / node["build"]["context"]
        assert (context / node["build"]["dockerfile"]).exists()
        assert set(node["depends_on"]) <= set(services)


@pytest.mark.parametrize(
    ("profile", "log_url"),
    [("", ""), ("nats", "nats://nats:4222/events"), ("kafka", "kafka://kafka:9092/events")],
    ids=["inboxes", "nats", "kafka"],
)
def test_many_nodes_share_a_bucket_and_a_log_if_there_is_one(profile: str, log_url: str) -> None:
    services = _composed(profile, FLAGHOIST_EVENT_LOG_URL=log_url)["services"]
    nodes = [services["flags-1"], services["flags-2"]]
    workers = 0
    for node in nodes:
        ours = {name.lower() for name in node["environment"] if name.startswith("FLAGHOIST_")}
        assert ours <= {f"flaghoist_{name}" for name in Settings.__dataclass_fields__}
        settings = Settings.load({}, node["environment"])
        assert lake_place(settings, copies=Path("copies")).name == "s3://flaghoist/facts"
        assert settings.lake_s3_endpoint.removeprefix("http://").partition(":")[0] in services
        assert settings.event_log_url == log_url
        assert not log_url or Address.of(log_url).hosts.partition(":")[0] in services
        assert set(node["depends_on"]) == {"database", "bucket"}
        workers += settings.workers
    connections = int(services["database"]["command"][-1].partition("=")[2])
    assert connections >= 50 * workers
    assert ({"nats", "kafka"} & set(services)) == ({profile} - {""})


def test_compose_asks_for_the_secrets_it_needs() -> None:
    for name in SECRETS:
        with pytest.raises(AssertionError, match=rf"required variable {name} is missing"):
            _composed("", **{name: ""})


def test_nats_takes_its_settings(tmp_path: Path) -> None:
    """Those that the server here knows: it syncs always from 2.10 on."""
    program = toolchains.found_program("nats-server")
    assert program, "make setup-world installs it"
    text = (DEPLOY / "compose" / "nats.conf").read_text().replace("/events", str(tmp_path))
    version = re.findall(r"v(\d+)\.(\d+)", _run(program, "--version").stdout)[0]
    assert "sync_interval: always" in text
    if tuple(map(int, version)) < (2, 10):
        text = text.replace("sync_interval: always", "")
    (tmp_path / "nats.conf").write_text(text)
    checked = _run(program, "-t", "-c", str(tmp_path / "nats.conf"))
    assert "is valid" in checked.stdout + checked.stderr


def _composed(profile: str, **variables: str) -> Any:
    """Both files as one, with variables put in."""
    echo = toolchains.found_program("echo")  # in place of an engine, which is only asked for its version
    assert echo
    files = [f"--file={DEPLOY / 'compose' / name}" for name in ("compose.yaml", "many-nodes.yaml")]
    chosen = [f"--profile={profile}"] if profile else []
    command = [sys.executable, "-m", "podman_compose", f"--podman-path={echo}", *files, *chosen, "config"]
    environment = {**os.environ, **SECRETS, **variables}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return yaml.safe_load(done.stdout)


def test_the_containerfile_copies_what_there_is() -> None:
    root = DEPLOY.parent
    extras = set(re.findall(r"\.\[([a-z0-9,]+)\]", (DEPLOY / "Containerfile").read_text())[0].split(","))
    project = (root / "pyproject.toml").read_text()
    assert all(f"\n{extra} = [" in project for extra in extras)
    for line in (DEPLOY / "Containerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert all((root / source).exists() for source in sources), line


@pytest.mark.parametrize("proxy", ["haproxy", "nginx"])
def test_streams_and_changes_pass_the_proxy_and_figures_do_not(
    proxy: str, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    """Two real nodes behind the real proxy with the settings that are shipped, its addresses and port put in."""
    url, lake = postgresql.database(), tmp_path / "lake"
    nodes = [
        start_server(tmp_path / name, database_url=url, lake_dir=str(lake), drain_seconds="4") for name in ("a", "b")
    ]
    try:
        with _proxied(proxy, nodes, tmp_path) as front:
            _pass_through(nodes, front, seconds_to_notice=4 if proxy == "haproxy" else 0)
    finally:
        statuses = [node.stop() for node in nodes if node.process.poll() is None]
    assert statuses and not any(statuses)


def _pass_through(nodes: list[Server], front: str, *, seconds_to_notice: int) -> None:
    through = Server(front, nodes[0].token, nodes[0].data_dir, "postgresql", nodes[0].process)
    through.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    sdk_key = through.ok("GET", "/projects/default/environments/test")["apiKey"]
    audience = Audience(sdk_key)
    streams = audience.open(front, 8)
    assert all(requests.get(front + path, timeout=10).ok for path in ("/healthz", "/readyz"))
    assert requests.get(f"{front}/metrics", timeout=10).status_code == 404
    began = time.monotonic()
    through.ok(
        "PATCH", "/flags/default/checkout", json=[{"op": "replace", "path": "/environments/test/on", "value": True}]
    )
    until(lambda: all(b"event: patch" in stream.heard for stream in streams))
    assert max(stream.heard_at for stream in streams) - began < 5, "the proxy holds streams back"
    if seconds_to_notice:  # one node stops in order: nobody who asks meanwhile is told anything but what they asked for
        nodes[1].process.terminate()
        answers = []
        while nodes[1].process.poll() is None:
            answers.append(
                requests.get(f"{front}/sdk/latest-all", headers={"Authorization": sdk_key}, timeout=10).status_code
            )
        assert set(answers) == {200} and len(answers) > 10
        nodes[1].session.close()
        assert nodes[1].process.stdout is not None
        nodes[1].process.stdout.close()
        assert nodes[1].process.wait() == 0
    through.session.close()
    audience.close()


def test_promtool_finds_nothing_wrong(tmp_path: Path) -> None:
    promtool = toolchains.found_program("promtool")
    assert promtool, "make setup-world installs it"
    _run(promtool, "check", "rules", "--lint-fatal", str(DEPLOY / "prometheus" / "rules.yaml"))
    server = start_server(tmp_path)
    try:
        text = requests.get(f"{server.url}/metrics", timeout=30).text
    finally:
        assert server.stop() == 0
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert checked.returncode in (0, 3), checked.stderr  # 3: it would have named something otherwise
    assert [line for line in checked.stderr.splitlines() if line and "error" in line.lower()] == []


def test_alerts_go_off_when_they_should_and_only_then(tmp_path: Path) -> None:
    promtool = toolchains.found_program("promtool")
    assert promtool, "make setup-world installs it"
    node = 'job="flaghoist", instance="a", worker="0"'
    quiet = {"series": f"flaghoist_streams_slow_total{{{node}}}", "values": "0x60"}
    story = {
        "rule_files": [str(DEPLOY / "prometheus" / "rules.yaml")],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": 'up{job="flaghoist", instance="a"}', "values": "1x60"},
                    {"series": f"flaghoist_store_away_seconds_total{{{node}}}", "values": "0x20 0+60x40"},
                    {"series": f"flaghoist_inbox_oldest_seconds{{{node}}}", "values": "0x20 0+60x40"},
                    {"series": 'flaghoist_log_waiting_seconds{job="flaghoist", instance="a", partition="3"}',
                     "values": "0x20 0+60x40"},
                    {"series": f'flaghoist_http_requests_total{{{node}, status="200"}}', "values": "0+600x60"},
                    quiet,
                ],
                "alert_rule_test": [
                    *({"eval_time": "19m", "alertname": name} for name in LATER),
                    *(
                        {"eval_time": "50m", "alertname": name}
                        for name in ("FlaghoistDown", "FlaghoistRefusing", "FlaghoistFailing", "FlaghoistSlowReaders")
                    ),
                ],
            }
        ],
    }  # fmt: skip
    story_file = tmp_path / "story.yaml"
    story_file.write_text(json.dumps(story))
    _run(promtool, "test", "rules", str(story_file))
    for name in LATER:  # silence would be wrong at fifty minutes
        story["tests"][0]["alert_rule_test"] = [{"eval_time": "50m", "alertname": name}]  # type: ignore[index]
        story_file.write_text(json.dumps(story))
        done = subprocess.run([promtool, "test", "rules", str(story_file)], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and name in done.stdout + done.stderr


@contextmanager
def _proxied(proxy: str, nodes: list[Server], folder: Path) -> Iterator[str]:
    program = toolchains.found_program(proxy)
    assert program, "make setup-world installs it"
    port = _free_port()
    file = {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}[proxy]
    text = (DEPLOY / "compose" / file).read_text()
    for place, node in enumerate(nodes, start=1):
        text = text.replace(f"flags-{place}:8800", node.url.removeprefix("http://"))
    text = text.replace("bind :8800", f"bind 127.0.0.1:{port}").replace("listen 8800", f"listen 127.0.0.1:{port}")
    text = text.replace("/tmp/nginx.pid", str(folder / "nginx.pid"))
    text = text.replace("maxconn 20000", "maxconn 500")  # which takes fewer descriptors than machines of tests have
    settings = folder / file
    settings.write_text(text)
    if proxy == "haproxy":
        _run(program, "-c", "-f", str(settings))
        command = [program, "-db", "-f", str(settings)]
    else:
        _run(program, "-t", "-e", "stderr", "-c", str(settings))
        command = [program, "-e", "stderr", "-c", str(settings), "-g", "daemon off;"]
    with (folder / "proxy.log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        front = f"http://127.0.0.1:{port}"
        until(lambda: _answers(front))
        yield front
    finally:
        running.terminate()
        running.wait(timeout=20)


def _answers(front: str) -> bool:
    try:
        return requests.get(f"{front}/healthz", timeout=2).ok
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _rendered(helm: str, values: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    done = _template(helm, values, folder)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def _template(helm: str, values: dict[str, Any], folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "values.json"
    file.write_text(json.dumps(values))
    command = [helm, "template", "flags", str(CHART), "--kube-version", KUBERNETES, "--values", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]} {done.stderr[-3000:]}"
    return done
