"""What a command decides by: a policy file, and the model that the environment names."""

import os
from pathlib import Path

from signalengine.errors import ModelError, PolicyError
from signalengine.model import Model, load_model
from signalengine.policy import Policy, default_policy, load_policy
from signalengine_aws.config import ConfigError
from signalengine_aws.models import chosen_model

from infra.local.errors import LocalRunError


def policy_of(file: Path | None) -> Policy:
    """Read and check a policy file (default: the policy that ships); raises LocalRunError."""
    if file is None:
        return default_policy()
    try:
        return load_policy(file.expanduser().read_text())
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        raise LocalRunError(f"--policy {file}: {error}") from error


def model_of(file: Path) -> Model:
    """Read and check a model file; raises LocalRunError."""
    try:
        return load_model(file.expanduser().read_text())
    except (OSError, UnicodeDecodeError, ModelError) as error:
        raise LocalRunError(f"--model {file}: {error}") from error


def model_asked(policy: Policy) -> Model | None:
    """Return the model that the deployed functions will ask, by the same two variables.

    Raises LocalRunError where the environment contradicts itself or the policy.
    """
    enabled, path = os.environ.get("AI_ENABLED", ""), os.environ.get("AI_MODEL_PATH", "")
    try:
        return chosen_model(enabled, path, policy)
    except (ConfigError, ModelError) as error:
        raise LocalRunError(str(error)) from error
