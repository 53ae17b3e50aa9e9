"""The model that scoring uses: its sources, and what is refused at start."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from signalengine.errors import ModelError, PermanentError, TransientError
from signalengine.policy import default_policy
from signalengine_aws.runtime import clients
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.model_store import chosen_model

from tests.aws.world import World
from tests.core.markets import policy_with
from tests.core.models.test_model import FILE, model

POLICY = default_policy()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "model.json"
    file.write_text(json.dumps(FILE))
    return file


@pytest.mark.parametrize("off", ["", "false", "False", "0"])
def test_nothing_is_read_unless_it_is_enabled(off: str) -> None:
    assert chosen_model(off, "/nowhere/model.json", POLICY) is None


def test_a_file_is_read(path: Path) -> None:
    assert chosen_model("true", str(path), POLICY) == model()


def test_an_object_of_s3_is_read(world: World) -> None:
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="a/model.json", Body=json.dumps(FILE).encode())
    assert chosen_model("true", "s3://models/a/model.json", POLICY) == model()
    with pytest.raises(PermanentError, match="read model"):
        chosen_model("true", "s3://models/b.json", POLICY)


def test_an_unreachable_s3_is_a_transient_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def get_object(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="s3")

    monkeypatch.setattr(clients, "s3", Away)
    with pytest.raises(TransientError):
        chosen_model("true", "s3://models/model.json", POLICY)


@pytest.mark.parametrize(
    ("enabled", "where", "words"),
    [
        ("yes please", "", "AI_ENABLED"),
        ("true", "", "AI_MODEL_PATH"),
        ("true", "/nowhere/model.json", "AI_MODEL_PATH"),
        ("true", "s3://bucket", "AI_MODEL_PATH"),
    ],
)
def test_an_environment_that_contradicts_itself_is_named(
    enabled: str, where: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        chosen_model(enabled, where, POLICY)


def test_a_policy_with_a_model_does_not_start_without_it(path: Path) -> None:
    mine = policy_with(ai={"mode": "gate", "model": model().digest})
    other = policy_with(ai={"mode": "gate", "model": "0" * 12})
    assert chosen_model("true", str(path), mine) == model()
    with pytest.raises(ConfigError, match="AI_ENABLED"):
        chosen_model("false", "", mine)
    with pytest.raises(ConfigError, match=model().digest):
        chosen_model("true", str(path), other)


@pytest.mark.parametrize("content", [b"", b"tree\nversion=v4\n", b"\xff\xfe", b"{}"])
def test_an_invalid_model_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelError):
        chosen_model("true", str(path), POLICY)
