"""Local runs of one parameter set in place of `classic`, as options choose it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import Registered
from signalengine.strategy.loading import shipped
from signalengine.strategy.promotion import Promotion
from signalengine.strategy.sets import StrategySet, as_text

from infra.cli.strategies.folder import chosen_set
from infra.local.stack.options import RunOptions
from infra.local.stack.private import private_folder
from machine.files import write

LOCAL: Final = Promotion("a run on this machine, in place of classic")


def with_set(
    options: RunOptions, strategy: str | None, sets: Sequence[str] = ()
) -> tuple[RunOptions, StrategySet | None]:
    """Return the options of a run of the chosen set; as they are for `classic`.

    A strategy of the user's own is deployed from a folder that has it alone. Raises CommandError.
    """
    one = chosen_set(strategy, sets, options.policy)
    if one is None:
        return options, None
    text = as_text(one) if options.policy is None else _read(options.policy)
    registered = (
        Registered(one.key, "live", text, one.digest, version=1, promotion=LOCAL),
        Registered(CLASSIC, "off", version=1),
    )
    folder = None if one.strategy in shipped() else _folder(one, options.state_dir)
    return replace(options, policy=None, strategies=folder, registered=registered), one


def _read(file: Path) -> str:
    return file.expanduser().read_text(encoding="utf-8-sig")


def _folder(one: StrategySet, state_dir: Path) -> Path:
    """Return a folder with the strategy's file and no other."""
    folder = private_folder(state_dir / "strategies" / one.digest)
    write(folder / f"{one.strategy}.py", one.loaded.text)
    return folder
