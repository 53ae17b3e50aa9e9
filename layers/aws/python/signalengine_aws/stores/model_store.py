"""The model that scoring uses: a file of a layer or of S3, read once at cold start."""

from pathlib import Path
from typing import Final

from signalengine.decisions import check_model
from signalengine.errors import ModelError
from signalengine.models.model import Model, load_model
from signalengine.policy import Policy

from ..runtime import clients
from ..runtime.aws_errors import mapped
from ..runtime.config import ConfigError

_S3: Final = "s3://"
_MAX_BYTES: Final = 20_000_000
_SWITCH: Final = {"": False, "false": False, "0": False, "true": True, "1": True}


def chosen_model(enabled: str, path: str, policy: Policy) -> Model | None:
    """Return the model of AI_ENABLED and AI_MODEL_PATH; None when it is not enabled.

    Raises ConfigError naming the key where the environment contradicts itself or the policy,
    ModelError for an invalid model, TransientError while S3 cannot be reached.
    """
    switch = _SWITCH.get(enabled.strip().lower())
    if switch is None:
        raise ConfigError(f"AI_ENABLED is {enabled!r}: it must be true or false")
    if switch and not path:
        raise ConfigError("AI_ENABLED is true without AI_MODEL_PATH")
    model = load_model(_text(path)) if switch else None
    try:
        check_model(policy, model)
    except ModelError as error:
        raise ConfigError(f"AI_ENABLED, AI_MODEL_PATH: {error}") from error
    return model


def _text(path: str) -> str:
    content = _object(path.removeprefix(_S3)) if path.startswith(_S3) else _file(Path(path))
    if len(content) > _MAX_BYTES:
        raise ModelError(f"model: {path} is larger than {_MAX_BYTES} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ModelError(f"model: {path} is not text") from error


def _object(place: str) -> bytes:
    bucket, _, key = place.partition("/")
    if not bucket or not key:
        raise ConfigError("AI_MODEL_PATH must be s3://bucket/key, or a file")
    with mapped("read model"):
        body = clients.s3().get_object(Bucket=bucket, Key=key)["Body"]
        return body.read(_MAX_BYTES + 1)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"AI_MODEL_PATH: {path} cannot be read ({error.strerror})") from error
