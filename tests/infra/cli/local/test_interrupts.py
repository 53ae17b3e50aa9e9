"""The first signal interrupts, further ones change nothing, and the handlers are put back."""

import os
import signal

import pytest

from infra.cli.local.interrupts import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_a_second_one_does_not(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    steps: list[str] = []

    def interrupted() -> None:
        with interruptible():
            try:
                os.kill(os.getpid(), number)
                steps.append("went on")
            finally:
                os.kill(os.getpid(), number)
                steps.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert steps == ["cleaned up"]
    assert signal.getsignal(number) is before
