"""The settings of one call of the command line: the file is read, all are checked, some named."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from signalengine.text.escaping import escaped

EnvOption = Annotated[
    Path | None,
    typer.Option(
        "--env",
        metavar="FILE",
        help="A file of settings, NAME=value a line. Variables of the environment win.",
        exists=True,
        dir_okay=False,
    ),
]
ON_AWS: Final = (
    "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "TELEGRAM_API_BASE", "BINANCE_REST_BASE",
)  # fmt: skip
"""Variables that the checks before a deployment read."""


def configure(
    command: str, env: Path | None = None, *, search: bool = True, policy: Path | None = None
) -> None:
    """Put the file of settings into the environment, check them all, and say what to know.

    Without `env` the usual places are searched, unless `search` is false: the results of research
    do not depend on the folder. `policy` is the file that replaces the environment's policy.
    Raises CommandError.
    """
    from infra.local.settings.checks import check_file, check_values, notices
    from infra.local.settings.env_file import found, read

    place = env or (found() if search else None)
    file = None if place is None else read(place)
    of_file = {} if file is None else dict(file.values)
    given = {**of_file, **os.environ}
    if file is not None:
        check_file(file.values, str(file.path))
        taken = file.apply(os.environ)
        _say(f"{len(taken)} of {len(file.values)} settings are from {file.path}")
        if file.open_to_others:
            _say(f"other users may read {file.path}: chmod 600 {file.path}")
    check_values(given)
    for sentence in notices(given, command, of_file):
        _say(sentence)
    instead = "--set and --grid have" if command == "sweep" else f"--policy {policy} has"
    _say_policy("" if policy is None and command != "sweep" else instead)


def sets_a_rate() -> bool:
    """Return whether the environment says how fast messages are sent."""
    return bool(os.environ.get("TELEGRAM_RATE_LIMIT", "").strip())


def say_unread() -> None:
    """Print which variables of the environment a deployment does not read."""
    from infra.local.settings.table import VARIABLES

    names = [
        one.name
        for one in VARIABLES.values()
        if one.place != "command" and one.name not in ON_AWS and os.environ.get(one.name)
    ]
    if names:
        _say(f"a deployment takes parameters (-p) and --policy, not {', '.join(names)}")


def symbols_of_environment() -> str:
    """Return what `up` follows when no option says it; "" for all of the source."""
    return os.environ.get("SYMBOLS", "").strip()


def policy_for(policy: Path | None, folder: Path) -> Path | None:
    """Return the policy file of a run: the given one, else that of the environment, if it differs.

    The latter is written into `folder`.
    """
    from infra.local.settings.policy import policy_file

    return policy or policy_file(os.environ, folder)


def _say_policy(instead: str) -> None:
    """Print what the environment changes of the policy; `instead` is what has its own numbers."""
    from infra.local.settings.policy import FIELDS, sentence

    if not instead:
        changed = sentence(os.environ)
        if changed is not None:
            _say(changed)
        return
    for variable in FIELDS.values():
        if os.environ.get(variable.name):
            _say(f"{variable.name} has no effect: {instead} its own number")


def _say(text: str) -> None:
    """Print a line beside the results, which others may read."""
    sys.stderr.write(f"· {escaped(text)}\n")
