"""What the file of looks says about a registration, in sentences."""

from collections.abc import Mapping, Sequence

from research.data.times import moment
from research.evidence.looks import Look, Looks
from research.evidence.registration import Registration
from research.evidence.related import Claim
from research.evidence.verdict import Validity


def broken(looks: Looks, registration: Registration, claims: Sequence[Claim]) -> list[str]:
    """Return what is wrong with the file: nothing, or a sentence each.

    `claims` are entries of other registrations of the same bars, which must be there too.
    """
    if not looks.there:
        return ["The file of looks is gone: earlier looks cannot be counted."]
    said = []
    if looks.broken is not None:
        said.append(
            f"Line {looks.broken} of the file of looks does not follow from the one before: the "
            "file was changed, and what comes after cannot be counted."
        )
    said += [
        f"Line {number} of {file} does not follow from the one before: it was changed."
        for file, number in looks.broken_elsewhere
    ]
    missing = [] if looks.holds(registration.head) else [Claim(registration, registration.head)]
    missing += [claim for claim in claims if not looks.knows(claim.digest)]
    return said + [
        f"{one.text} of registration {one.registration.digest[:12]} of "
        f"{moment(one.registration.at)} UTC is not in the file of looks: it was deleted, begun "
        "again or shortened, or the bars were in another folder."
        for one in missing
    ]


def earlier(looks: Looks, registration: Registration) -> list[str]:
    """Return how often the final span was looked at before this look."""
    final, mine = registration.spans.final, strategy_of(registration)
    before, used = looks.at("final", *final), looks.at("design and validation", *final)
    again = [one for one in before if strategy_of(one) == mine]
    chosen_after = validity(looks, registration, recorded=True).chosen_after
    others = sorted({strategy_of(one) for one in before} - {mine, *chosen_after})
    said = []
    if again:
        said.append(
            f"This is look {len(again) + 1} at the final span, or a part of it, with {mine}: it "
            f"was looked at on {_listed(again)}. What it shows is no longer out of sample."
        )
    if any(strategy_of(one) == mine for one in used):
        said.append("A part of the final span was design or validation of an earlier registration.")
    if chosen_after:
        said.append(
            f"{', '.join(chosen_after)} looked at the final span before this was registered: "
            "choosing among strategies by it is a look too."
        )
    if others:
        said.append(
            f"{', '.join(others)} looked at the final span after this was registered, and counts "
            "as tried."
        )
    return said or ["This is the first look at the final span."]


def validity(looks: Looks, registration: Registration, *, recorded: bool) -> Validity:
    """Return whether a look now is one at a span that had no part in finding the strategy.

    `recorded`: nothing is wrong with the file. What another strategy measured counts where it came
    before the registration: what was registered already was not chosen by it.
    """
    final, mine = registration.spans.final, strategy_of(registration)
    before, used = looks.at("final", *final), looks.at("design and validation", *final)
    earlier = _digests_before(looks, registration)
    others = {strategy_of(one) for one in (*before, *used) if one.digest in earlier} - {mine}
    return Validity(
        look=1 + sum(strategy_of(one) == mine for one in before),
        chosen_after=tuple(sorted(others)),
        used=any(strategy_of(one) == mine for one in used),
        recorded=recorded,
    )


def _digests_before(looks: Looks, registration: Registration) -> set[str]:
    """Return the entries before a registration: elsewhere, up to its time."""
    numbers = [one.number for one in looks.entries if one.digest == registration.head]
    known = numbers[0] if numbers else 0
    return {one.digest for one in looks.entries if one.number < known} | {
        one.digest for one in looks.elsewhere if one.at <= registration.at
    }


def strategy_of(one: Look | Registration) -> str:
    """Return the strategy, whatever its parameter set is named: `donchian` of `donchian@fast`."""
    return one.strategy.partition("@")[0]


def changed_data(registration: Registration, data: Mapping[str, str]) -> list[str]:
    """Return which symbols have other files than when it was registered."""
    names = [name for name in registration.symbols if registration.data[name] != data.get(name)]
    if not names:
        return []
    return [f"The files of {', '.join(names)} are not those that were registered."]


def _listed(looks: Sequence[Look]) -> str:
    looks = sorted(looks, key=lambda one: one.at)
    return ", ".join(f"{moment(one.at)} UTC ({one.parameter_set})" for one in looks)
