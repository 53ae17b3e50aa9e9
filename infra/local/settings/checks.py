"""What is wrong with the settings, and what a user should know about them.

Nothing that a user sets is ignored in silence: a variable has an effect, or is refused, or is named
with what replaced it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from infra.errors import USAGE, CommandError

from .table import UNUSED, VARIABLES, Variable

OWN: Final = "SIGNALENGINE_"
_FAMILIES: Final = (OWN, "SIGNAL_", "TELEGRAM_")
"""How names begin that can only be meant for SignalEngine."""
_NEAR: Final = 0.8
_STACKS: Final = ("replay", "chaos", "soak")
"""Commands that run a stack as `up` does, and do not use what is for it alone."""
_WITHOUT_MODEL: Final = ("backtest", "sweep")
_KNOWN: Final = (*VARIABLES, *(one.name for one in UNUSED))


def check_names(environ: Mapping[str, str]) -> None:
    """Raise CommandError for a variable of the environment that is called like ours and is none."""
    for name in sorted(environ):
        if name.startswith(OWN) and name not in VARIABLES:
            raise unknown(name, "")


def check_file(names: Iterable[str], place: str) -> None:
    """Raise CommandError for a variable of a file that is a misspelt setting."""
    for name in names:
        if name not in _KNOWN and (name.startswith(_FAMILIES) or nearest(name)):
            raise unknown(name, f"{place}: ")


def unknown(name: str, where: str) -> CommandError:
    """Return the error of a name that no setting has."""
    near = nearest(name)
    fix = f"did you mean {near}?" if near else "`signalengine config` lists all settings"
    return CommandError(f"{where}there is no setting {name}", fix, USAGE)


def nearest(name: str) -> str:
    """Return the most similar name of a setting; "" if none is similar."""
    return next(iter(get_close_matches(name, _KNOWN, 1, _NEAR)), "")


def check_values(environ: Mapping[str, str]) -> None:
    """Raise CommandError for the first value that cannot be, with what it may be."""
    for variable in VARIABLES.values():
        given = environ.get(variable.name, "").strip()
        if given:
            check_value(variable, given)


def check_value(variable: Variable, given: str) -> None:
    """Raise CommandError if a value cannot be. A secret is not repeated."""
    try:
        variable.read(given)
    except ValueError as error:
        shown = variable.name if variable.secret else f"{variable.name}={given}"
        raise CommandError(f"{shown} {error}", variable.help, USAGE) from error


def notices(
    environ: Mapping[str, str], command: str, of_file: Collection[str] = ()
) -> Iterator[str]:
    """Yield a sentence for each setting that has less effect than its user may think.

    `of_file` are the names of the file that was read.
    """
    for one in UNUSED:
        if environ.get(one.name):
            yield f"{one.name} has no use: {one.instead}"
    for variable in VARIABLES.values():
        if not environ.get(variable.name):
            continue
        if variable.place == "command" and variable.name in of_file:
            yield f"{variable.name} is read from the environment only, not from a file"
        elif variable.place == "up" and command in _STACKS:
            yield f"{variable.name} is for `signalengine up`: `{command}` does not use it"
    if environ.get("AI_MODEL_PATH") and not _is_on(environ.get("AI_ENABLED", "")):
        yield "AI_MODEL_PATH has no effect without AI_ENABLED=true"
    rate = environ.get("TELEGRAM_RATE_LIMIT", "").strip()
    if rate and command in _STACKS:
        yield f"TELEGRAM_RATE_LIMIT has no effect on `{command}`, which sends without pace"
    elif rate and float(rate) > 1:
        yield f"TELEGRAM_RATE_LIMIT={rate}: Telegram accepts one a second in a chat, which is used"
    if command in _WITHOUT_MODEL and _is_on(environ.get("AI_ENABLED", "")):
        yield f"AI_ENABLED has no effect on `{command}`: its models are given as options"
    for name in sorted({*of_file, *(name for name in environ if name.startswith(_FAMILIES))}):
        if name not in _KNOWN:
            near = nearest(name)
            yield f"{name} is no setting of SignalEngine" + (
                f": did you mean {near}?" if near else ""
            )


def _is_on(given: str) -> bool:
    return given.strip().lower() in ("true", "1")
