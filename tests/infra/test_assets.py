"""What goes into the layers, and what does not."""

import importlib.util
import os
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from signalengine.policy import default_policy, load_policy

from infra import assets
from infra.app import checked_policy
from infra.assets import (
    ROOT,
    BuildError,
    code_layer,
    code_version,
    core_layer,
    digest,
    remove_abandoned,
    vendor_layer,
)
from infra.build.setup import locked
from tests.core.strategy.texts import CHANNEL

VENDOR = ROOT / "layers" / "vendor" / "requirements.txt"


def test_the_core_layer_holds_the_core_with_its_policy_and_byte_code() -> None:
    folder = code_layer("core", "local") / "python" / "signalengine"
    names = {p.name for p in folder.iterdir()}
    assert {"__init__.py", "policy.json", "__pycache__"} <= names


def test_a_deployment_of_another_policy_differs_in_that_file_alone(tmp_path: Path) -> None:
    shipped = (ROOT / "layers/core/python/signalengine/policy.json").read_text()
    changed = shipped.replace('"threshold": 0.5', '"threshold": 0.6')
    (tmp_path / "policy.json").write_text(changed)
    plain = core_layer("local") / "python" / "signalengine"
    other = core_layer("local", checked_policy(f"{tmp_path}/policy.json")) / "python/signalengine"
    assert load_policy((other / "policy.json").read_text()).threshold == 0.6
    assert load_policy((plain / "policy.json").read_text()) == default_policy()
    names = {path.name for path in plain.glob("*.py")}
    assert names == {path.name for path in other.glob("*.py")}
    assert all((plain / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_deployment_with_own_strategies_differs_in_their_files_alone() -> None:
    own = core_layer("local", None, {"channel.py": CHANNEL}) / "python" / "signalengine"
    plain = core_layer("local") / "python" / "signalengine"
    assert (own / "strategies" / "channel.py").read_text() == CHANNEL
    assert list((own / "strategies" / "__pycache__").glob("channel.*.pyc"))
    names = {path.relative_to(own) for path in own.rglob("*.py")}
    assert names - {path.relative_to(plain) for path in plain.rglob("*.py")} == {
        Path("strategies/channel.py")
    }


@pytest.mark.parametrize("wheels", ["arm64", "local"])
def test_every_module_of_a_layer_has_the_byte_code_of_its_reader(wheels: assets.Wheels) -> None:
    version = assets.LAMBDA_PYTHON if wheels == "arm64" else sys.version_info[:2]
    for folder in (core_layer(wheels), code_layer("aws", wheels)):
        compiled = {path.name for path in folder.rglob("*.pyc")}
        modules = {path.stem for path in folder.rglob("*.py")}
        assert compiled == {f"{name}.cpython-{version[0]}{version[1]}.pyc" for name in modules}


def test_byte_code_is_in_the_layer_wherever_this_user_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "module.py").touch()
    assets._compile(layer, "local")
    assert len(list(layer.rglob("module.*.pyc"))) == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_layer_is_staged_elsewhere_where_the_checkout_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").touch()  # a file, where the folder would be: as good as read-only
    monkeypatch.setattr(assets, "_BUILD", tmp_path / "closed" / "layers")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cached = tmp_path / "cache" / "signalengine" / "layers"
    assert assets._target("core", "1") == cached / "core-1"
    monkeypatch.setattr(assets, "_BUILD", tmp_path)
    (tmp_path / "core-1").mkdir()
    assert assets._target("core", "1") == tmp_path / "core-1"


def test_a_layer_that_does_not_compile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "bad.py").write_text("x = \n")
    with pytest.raises(BuildError, match=r"(?s)could not be compiled.*bad\.py"):
        assets._compile(tmp_path, "local")


def test_byte_code_in_layers_does_not_depend_on_a_modification_time() -> None:
    folder = code_layer("core", "local") / "python" / "signalengine" / "__pycache__"
    for path in folder.glob("*.pyc"):
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == 0b01, f"{path.name}: hash based and unchecked is 0b01"


def test_the_vendor_layer_brings_nothing_that_lambda_has() -> None:
    names = {p.name for p in (vendor_layer("local") / "python").iterdir()}
    assert {"aws_lambda_powertools", "pynamodb"} <= names
    assert not {"boto3", "botocore", "urllib3", "numpy"} & names


def test_the_vendor_layer_is_complete() -> None:
    """Every dependency of a listed package is listed too, or comes with Lambda's runtime."""
    names = {name for name, _ in locked(VENDOR)}
    for name in names:
        for text in requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert needed.name.lower() in names | {"boto3", "botocore"}, f"{name} needs {text}"


def test_wheels_are_pinned_to_what_the_tests_run_with() -> None:
    for name, row in locked(VENDOR):
        assert row.startswith(f"{name}=={version(name)} ")


@pytest.mark.parametrize("forged", [f"--hash=sha256:{0:064x}", ""])
def test_a_wheel_with_another_hash_or_none_is_refused(tmp_path: Path, forged: str) -> None:
    pinned, *_ = dict(locked(VENDOR))["jmespath"].split()
    (tmp_path / "requirements.txt").write_text(f"{pinned} {forged}\n")
    with pytest.raises(BuildError, match=r"(?i)hash"):
        assets._install(tmp_path / "requirements.txt", tmp_path / "wheels", "local")
    assert not (tmp_path / "wheels" / "jmespath").exists()


def test_a_digest_changes_with_content_and_with_names(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = digest([tmp_path])
    (tmp_path / "a.py").write_text("2")
    changed = digest([tmp_path])
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({before, changed, digest([tmp_path])}) == 3


def test_caches_do_not_change_a_digest(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = digest([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert digest([tmp_path]) == before


def test_the_code_version_names_the_release_and_the_core() -> None:
    release, core = code_version("4.0.0").split("+")
    assert release == "4.0.0"
    assert len(core) == 8


def test_a_staged_module_is_the_module() -> None:
    staged = code_layer("core", "local") / "python" / "signalengine" / "errors.py"
    spec = importlib.util.find_spec("signalengine.errors")
    assert spec is not None
    assert spec.origin is not None
    assert staged.read_bytes() == Path(spec.origin).read_bytes()


def test_what_a_killed_process_left_is_removed_and_a_running_one_s_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    for name in (f".core-1.{ended.pid}", f".core-1.{os.getpid()}", "core-1", ".core-x"):
        (tmp_path / name).mkdir()
    remove_abandoned(tmp_path, ".*")
    assert {path.name for path in tmp_path.iterdir()} == {
        f".core-1.{os.getpid()}", "core-1", ".core-x"
    }  # fmt: skip
