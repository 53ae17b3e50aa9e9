"""Every setting as it has effect: its value, where that is from, and what it does."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infra.cli.policy_files import policy_of
from infra.local.settings.checks import check_file, check_values, notices
from infra.local.settings.env_file import EnvFile, found, read
from infra.local.settings.policy import policy_of_environment
from infra.local.settings.table import SECTIONS, UNUSED, Variable

MASK: Final = "***"
"""What is shown instead of a secret."""
DEFAULT, ENVIRONMENT, OPTION = "default", "environment", "option"


def settings(
    env: Path | None, symbols: str, policy: Path | None, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return all settings of `up` with these options; raises CommandError for an invalid one.

    `environ` is the environment as it is without the file.
    """
    given = dict(os.environ if environ is None else environ)
    place = env or found()
    file = None if place is None else read(place)
    if file is not None:
        check_file(file.values, str(file.path))
    merged = given if file is None else {**file.values, **given}
    check_values(merged)
    digest = (policy_of_environment(merged) if policy is None else policy_of(policy)).digest
    options = {"SYMBOLS": symbols} if symbols else {}
    if policy is not None:
        options |= _of_policy(policy)
    rows = [
        _row(section.title, one, options, given, file)
        for section in SECTIONS
        for one in section.variables
    ]
    return {
        "file": None if file is None else str(file.path),
        "policy_digest": digest,
        "settings": rows,
        "unused": [
            {"name": one.name, "instead": one.instead} for one in UNUSED if merged.get(one.name)
        ],
        "notices": list(notices(merged, "up", () if file is None else file.values)),
    }


def _row(
    section: str,
    variable: Variable,
    options: Mapping[str, str],
    given: Mapping[str, str],
    file: EnvFile | None,
) -> dict[str, Any]:
    value, source = variable.default, DEFAULT
    if variable.name in options:
        value, source = options[variable.name], OPTION
    elif variable.name in given:
        value, source = given[variable.name] or variable.default, ENVIRONMENT
    elif file is not None and variable.place != "command" and variable.name in file.values:
        value, source = file.values[variable.name], str(file.path)
    return {
        "section": section,
        "name": variable.name,
        "value": MASK if variable.secret and value else value,
        "source": source,
        "default": variable.default,
        "help": variable.help,
        "policy": variable.policy or None,
    }


def _of_policy(file: Path) -> dict[str, str]:
    """Return the numbers of a policy file, by the variables that would replace them."""
    policy = policy_of(file)
    numbers = {
        "threshold": policy.threshold,
        "cooldown_s": policy.cooldown_ms / 1000,
        "rearm_s": policy.rearm_ms / 1000,
        "tp_atr": policy.tp_atr,
        "sl_atr": policy.sl_atr,
        "ttl_s": policy.ttl_ms / 1000,
    }
    return {
        one.name: f"{numbers[one.policy]:g}"
        for section in SECTIONS
        for one in section.variables
        if one.policy
    }
