"""The policy that the environment describes: the default one, with other numbers."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from signalengine.errors import PolicyError
from signalengine.policy import Policy, default_policy, load_policy

from infra.errors import USAGE, CommandError
from machine.files import write

from .checks import check_value
from .table import VARIABLES

FIELDS: Final = {one.policy: one for one in VARIABLES.values() if one.policy}
"""The variables that replace a number of the policy, by its field."""
FILE: Final = "policy.json"


def given(environ: Mapping[str, str]) -> dict[str, float]:
    """Return the numbers that the environment sets, by the policy's field; raises CommandError."""
    found = {}
    for field, variable in FIELDS.items():
        text = environ.get(variable.name, "").strip()
        if text:
            check_value(variable, text)
            found[field] = float(text)
    return found


def policy_of_environment(environ: Mapping[str, str], **fixed: float) -> Policy:
    """Return the default policy with the environment's numbers, and above them some that are fixed.

    Raises CommandError naming the variable whose number no policy may have.
    """
    text = _text(given(environ) | fixed, environ)
    return default_policy() if text is None else load_policy(text)


def policy_file(environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return a file with the policy that the environment describes; None for the default one.

    It is written into `folder`.
    """
    text = _text(given(environ), environ)
    if text is None:
        return None
    write(folder / FILE, text, private=True)
    return folder / FILE


def sentence(environ: Mapping[str, str]) -> str | None:
    """Return which numbers the environment replaces, and the digest; None for the default."""
    policy, usual = policy_of_environment(environ), default_policy()
    if policy.digest == usual.digest:
        return None
    raw = _raw()
    changed = ", ".join(
        f"{FIELDS[field].name}={number:g} (default {raw[field]:g})"
        for field, number in given(environ).items()
        if number != raw[field]
    )
    return f"the policy is {policy.digest} instead of {usual.digest}: {changed}"


def _text(numbers: Mapping[str, float], environ: Mapping[str, str]) -> str | None:
    """Return the text of a policy with other numbers; None if they are those of the default."""
    raw = _raw()
    if all(raw[field] == number for field, number in numbers.items()):
        return None
    text = json.dumps(raw | dict(numbers), indent=2) + "\n"
    try:
        load_policy(text)
    except PolicyError as error:
        raise _named(error, environ) from error
    return text


def _named(error: PolicyError, environ: Mapping[str, str]) -> CommandError:
    """Return the error under the name of the variable instead of the policy's field."""
    words = str(error).removeprefix("policy: ")
    field, _, rest = words.partition(" = ")
    variable = FIELDS.get(field)
    if variable is None or variable.name not in environ:
        return CommandError(str(error), "", USAGE)
    return CommandError(
        f"{variable.name}={environ[variable.name]} {rest.partition(' ')[2]}", variable.help, USAGE
    )


def _raw() -> dict[str, Any]:
    text = files("signalengine").joinpath(FILE).read_text(encoding="utf-8")
    return dict(json.loads(text))
