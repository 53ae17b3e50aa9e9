"""The bills of materials name every package of every lock, with its hash, and the base image."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.build import sbom
from infra.build.dashboard import WEB
from infra.build.setup import locked, name_of


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Write the bills of what is deployed."""
    folder = tmp_path_factory.mktemp("sbom")
    deployed = {name: sbom.PYTHON[name] for name in ("vendor_layer", "ingest_task")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sbom, "TARGET", folder)
        patch.setattr(sbom, "PYTHON", deployed)
        sbom.main()
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def test_each_thing_that_is_deployed_has_a_bill_of_its_own(
    bills: dict[str, dict[str, Any]],
) -> None:
    assert set(bills) == {"vendor_layer", "ingest_task", "dashboard", "cdk_command"}
    for name, bill in bills.items():
        assert bill["bomFormat"] == "CycloneDX"
        assert bill["metadata"]["component"]["name"] == f"signalengine-{name}"


def test_a_bill_names_every_package_of_its_lock(bills: dict[str, dict[str, Any]]) -> None:
    for name, (lock, _) in sbom.PYTHON.items():
        if name in bills:
            listed = {
                (name_of(one["name"]), one["version"])
                for one in bills[name]["components"]
                if one["type"] == "library"
            }
            rows = {(name, row.split("==")[1].split()[0]) for name, row in locked(lock)}
            assert listed == rows


def test_the_bill_of_the_image_names_its_base(bills: dict[str, dict[str, Any]]) -> None:
    (base,) = [c for c in bills["ingest_task"]["components"] if c["type"] == "container"]
    assert base["name"] == "python"
    assert f"@{base['version']} AS base" in sbom.DOCKERFILE.read_text()


@pytest.mark.parametrize(("name", "folder"), [("dashboard", WEB), ("cdk_command", sbom.CDK)])
def test_a_bill_of_npm_names_every_locked_package(
    bills: dict[str, dict[str, Any]], name: str, folder: Path
) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    rows = {
        (path.rpartition("node_modules/")[2], row["version"])
        for path, row in packages.items()
        if path
    }
    assert {(c["name"], c["version"]) for c in bills[name]["components"]} == rows


def test_the_same_locks_give_the_same_bytes(bills: dict[str, dict[str, Any]]) -> None:
    assert sbom._npm(WEB, "dashboard") == bills["dashboard"]
    assert not any("timestamp" in bill["metadata"] for bill in bills.values())
