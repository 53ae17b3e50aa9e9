"""Numbers of the verdicts: their places in `signals.Verdict`."""

from typing import Final

EMITTED: Final = 0
BELOW_THRESHOLD: Final = 1
TIE: Final = 2
COOLDOWN: Final = 3
NOT_WARM: Final = 4
GAP: Final = 5
STALE_DATA: Final = 6
INSUFFICIENT_DATA: Final = 7
COST_TOO_HIGH: Final = 8
OUT_OF_ORDER: Final = 9
OUT_OF_RANGE: Final = 10
MODEL_VETO: Final = 11
PROTECTED: Final = 12
BELOW_TICK: Final = 13
