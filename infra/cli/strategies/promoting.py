"""What `strategy promote` rests on: the result of a final look, a reason, or both."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from signalengine.errors import StrategyError
from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import Registered
from signalengine.strategy.promotion import SHOWN, Promotion, check_promotion

from infra.errors import USAGE, CommandError


@dataclass(frozen=True, slots=True)
class Grounds:
    """A promotion, and what its operator has to know of the evidence."""

    promotion: Promotion
    notes: tuple[str, ...] = ()


def grounds(
    name: str,
    one: Registered | None,
    file: Path | None,
    override: str | None,
    deployed: Callable[[], str],
) -> Grounds:
    """Return what a set is made live on, checked before anything is asked; raises CommandError.

    `deployed` returns the digest of the stack's policy, for `classic`.
    """
    if override is not None and not override.strip():
        raise CommandError("--override: say why it goes live", "", USAGE)
    reason = override or ""
    found = Grounds(Promotion(reason)) if file is None else _of_result(file, reason)
    digest = "" if one is None else one.digest
    if name == CLASSIC and file is not None:
        digest = deployed()
    try:
        return Grounds(check_promotion(found.promotion, digest), found.notes)
    except StrategyError as error:
        raise CommandError(str(error), _fix(name, found.promotion, digest)) from error


def _of_result(file: Path, reason: str) -> Grounds:
    """Read the result of a look, with its chain; raises CommandError."""
    from research.evidence.errors import EvidenceError  # research takes a second to import
    from research.evidence.result import read_result

    try:
        found = read_result(file.expanduser())
    except EvidenceError as error:
        raise CommandError(f"--evidence {error}") from error
    except OSError as error:
        raise CommandError(f"--evidence {file}: {error.strerror or error}") from error
    start, end = found.registration.spans.final
    promotion = Promotion(
        reason,
        found.verdict,
        found.registration.parameter_set,
        found.registration.digest,
        found.look.digest,
        start,
        end,
    )
    if found.here:
        return Grounds(promotion, (found.statement,))
    unseen = f"{found.looks_file} is not on this machine: its chain was checked by the copy in it"
    return Grounds(promotion, (found.statement, unseen))


def _fix(name: str, promotion: Promotion, digest: str) -> str:
    strategy = name.partition("@")[0]
    if promotion.verdict and digest and promotion.parameter_set != digest:
        return f"its parameters: signalengine strategy history {name}"
    if promotion.verdict not in ("", SHOWN):
        return f'signalengine strategy promote {name} --evidence FILE --override "REASON"'
    return (
        f"--evidence FILE: the result that `signalengine evidence {strategy} --source DATA --look` "
        'writes; or --override "REASON", which is recorded'
    )
