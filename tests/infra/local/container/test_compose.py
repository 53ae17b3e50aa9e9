"""compose.yaml: by the schema of its specification, and by our rules."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.container.places import DATA, INSIDE
from infra.local.service.plan import STOP_S
from tests.paths import ROOT

FILE = ROOT / "compose.yaml"
TEXT = FILE.read_text()
MONITORING = ("prometheus", "grafana")


def violations(file: Path) -> str:
    """Return what the schema of the Compose specification finds, which its checker brings."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(  # noqa: S603 - a checker from our own environment
        [*command, str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(TEXT)["services"])


def test_the_file_is_valid() -> None:
    assert violations(FILE) == ""


def test_a_wrong_file_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(TEXT.replace("read_only: true", "read_onli: true"))
    assert "read_onli" in violations(wrong)


def test_it_is_published_on_loopback_only_and_at_the_port_that_it_believes() -> None:
    (port,) = services()["signalengine"]["ports"]
    assert port == f"127.0.0.1:${{PORT:-8000}}:{INSIDE}"
    command = services()["signalengine"]["command"]
    assert command[command.index("--port") + 1] == "${PORT:-8000}"
    assert "ports" not in services()["ollama"]


def test_it_writes_to_its_volume_alone_without_rights() -> None:
    service = services()["signalengine"]
    assert service["read_only"]
    assert service["volumes"] == [f"data:{DATA}"]
    assert service["user"] == "10001:10001"
    assert service["tmpfs"][0].startswith("/tmp:")  # noqa: S108 - the container's


@pytest.mark.parametrize("name", ["signalengine", "ollama", *MONITORING])
def test_each_service_comes_back_and_its_logs_stay_small(name: str) -> None:
    service = services()[name]
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"]["max-size"] == "10m"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_model_server_runs_only_when_it_is_wanted() -> None:
    assert services()["ollama"]["profiles"] == ["ollama"]
    assert "profiles" not in services()["signalengine"]
    assert not services()["ollama"]["image"].endswith(":latest")


def test_it_has_the_time_that_a_stop_may_take() -> None:
    assert services()["signalengine"]["stop_grace_period"] == f"{STOP_S}s"


@pytest.mark.parametrize("name", MONITORING)
def test_monitoring_runs_only_when_it_is_wanted_and_on_loopback(name: str) -> None:
    service = services()[name]
    assert service["profiles"] == ["monitoring"]
    assert re.fullmatch(r".+:v?[0-9]+\.[0-9]+\.[0-9]+", service["image"])
    assert service["network_mode"] == "host"
    assert "ports" not in service  # in the host's network an address is chosen, not published
    listen = [
        *service.get("command", []),
        *(f"{key}={value}" for key, value in service.get("environment", {}).items()),
    ]
    (address,) = (one for one in listen if "listen-address" in one or "HTTP_ADDR" in one)
    assert address.partition("=")[2].startswith("127.0.0.1")
    assert service["read_only"]


def test_grafana_has_no_account_and_asks_nobody_outside() -> None:
    settings = services()["grafana"]["environment"]
    assert settings["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert settings["GF_AUTH_BASIC_ENABLED"] == "false"
    assert settings["GF_SERVER_ENFORCE_DOMAIN"] == "true"
    assert not [name for name in settings if "PASSWORD" in name]
    assert settings["GF_ANALYTICS_REPORTING_ENABLED"] == "false"


def test_what_monitoring_mounts_is_there_and_read_only() -> None:
    for name in MONITORING:
        for mount in services()[name]["volumes"]:
            source, _, rest = mount.partition(":")
            if source.startswith("."):
                assert (ROOT / source).exists()
                assert rest.endswith(":ro")


def test_prometheus_asks_the_port_of_the_system() -> None:
    content = yaml.safe_load(TEXT)["configs"]["targets"]["content"]
    assert json.loads(content) == [{"targets": ["localhost:${PORT:-8000}"]}]
    jobs = yaml.safe_load((ROOT / "monitoring" / "prometheus.yml").read_text())["scrape_configs"]
    assert jobs[0]["file_sd_configs"] == [{"files": ["targets/*.json"]}]
