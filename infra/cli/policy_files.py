"""What a command decides by: a policy file, and the model that the environment names."""

import os
from pathlib import Path

from signalengine.errors import ModelError, PolicyError
from signalengine.models.model import Model, load_model
from signalengine.policy import Policy, default_policy, load_policy
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.model_store import chosen_model

from infra.errors import CommandError


def policy_of(file: Path | None) -> Policy:
    """Read and check a policy file (default: the policy that ships); raises CommandError."""
    if file is None:
        return default_policy()
    try:
        return load_policy(file.expanduser().read_text())
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        raise CommandError(f"--policy {file}: {error}") from error


def model_of(file: Path) -> Model:
    """Read and check a model file; raises CommandError."""
    try:
        return load_model(file.expanduser().read_text())
    except (OSError, UnicodeDecodeError, ModelError) as error:
        raise CommandError(f"--model {file}: {error}") from error


def model_of_environment(policy: Policy) -> Model | None:
    """Return the model that the deployed functions will ask, by the same two variables.

    Raises CommandError where the environment contradicts itself or the policy.
    """
    enabled, path = os.environ.get("AI_ENABLED", ""), os.environ.get("AI_MODEL_PATH", "")
    try:
        return chosen_model(enabled, path, policy)
    except (ConfigError, ModelError) as error:
        raise CommandError(str(error)) from error
