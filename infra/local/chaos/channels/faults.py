"""Which faults each channel's first message has in a trial."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from infra.local.channels.faults import DELIVERED


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault by its name in the transcript, as the stand-in is ordered it."""

    name: str
    kind: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """Whether no answer comes at all."""
        return self.kind.startswith("timeout")

    @property
    def delivers(self) -> bool:
        """Whether the message arrives although its client sees a failure."""
        return self.kind in DELIVERED and self.kind != "slow"


CHANNELS: Final = ("webhook", "discord", "slack", "ntfy", "push", "email")
_LIMITED: Final = Trouble("429", "429", {"retry_after": 7})
_EVERY: Final = (
    Trouble("5xx", "500", {"status": 502}),
    Trouble("reset before delivery", "reset_before"),
    Trouble("reset after delivery", "reset_after_delivery"),
    Trouble("time-out before delivery", "timeout_before"),
    Trouble("time-out after delivery", "timeout_after_delivery"),
)
ERRORS: Final[Mapping[str, Mapping[str, str]]] = {
    "webhook": {"message refused": "422", "has ended": "410"},
    "discord": {
        "message refused": "50035", "address refused": "50013", "has ended": "10015",
    },
    "slack": {
        "message refused": "invalid_blocks", "address refused": "channel_is_archived",
        "has ended": "no_service",
    },
    "ntfy": {"message refused": "40018", "address refused": "40301"},
    "push": {"message refused": "413", "address refused": "403", "has ended": "410"},
    "email": {"message refused": "too_large", "address refused": "no_such_mailbox"},
}  # fmt: skip
"""Permanent errors, by the services' names."""
ENDS: Final = "has ended"
"""The error by which a service says that the address is no more."""
_OF_MAIL: Final = (
    Trouble("421", "error", {"error": "closing"}),
    Trouble("450, greylisted", "error", {"error": "greylisted"}),
    Trouble("451", "500"),
)


def troubles(channel: str) -> Iterator[Trouble]:
    """Yield what a channel is tried with."""
    if channel == "email":
        yield from (*_OF_MAIL, *_EVERY[1:])
    else:
        yield from (_LIMITED, *_EVERY)
    for name, error in ERRORS[channel].items():
        yield Trouble(f"{name} ({error})", "error", {"error": error})
