"""The policy and the model of a command: a policy file, and the model in the environment."""

import os
from pathlib import Path

from signalengine.errors import ModelError, PolicyError
from signalengine.models.model import Model, load_model
from signalengine.policy import Policy, load_policy
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.model_store import chosen_model

from infra.errors import CommandError
from infra.local.settings.policy import policy_of_environment


def policy_of(file: Path | None) -> Policy:
    """Read and check a policy file; None: the one that the environment describes.

    Raises CommandError.
    """
    if file is None:
        return policy_of_environment(os.environ)
    try:
        return load_policy(file.expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        raise CommandError(f"--policy {file}: {error}") from error


def model_of(file: Path) -> Model:
    """Read and check a model file; raises CommandError."""
    try:
        return load_model(file.expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ModelError) as error:
        raise CommandError(f"--model {file}: {error}") from error


def model_of_environment(policy: Policy) -> Model | None:
    """Return the model that the deployed functions apply, chosen by the same two variables.

    Raises CommandError if the variables contradict each other or the policy.
    """
    enabled, path = os.environ.get("AI_ENABLED", ""), os.environ.get("AI_MODEL_PATH", "")
    try:
        return chosen_model(enabled, path, policy)
    except (ConfigError, ModelError) as error:
        raise CommandError(str(error)) from error
