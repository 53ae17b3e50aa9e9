"""A slice of the fuzz, and the fuzz itself: it counts everything, and fails where it should."""

import json

import pytest

from infra.local.faults import fuzz as fuzz_module
from infra.local.faults.fuzz import CountingRecorder, FuzzError, fuzz, fuzz_frames
from infra.local.faults.mutation import BODIES, FRAMES
from tests.paths import ROOT

CAPTURE = (
    ROOT
    / "../shared/data/ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.ws.1.0"
)  # fmt: skip


def test_a_slice_of_broken_frames_and_answers_is_counted_to_the_last_one() -> None:
    capture = CAPTURE if CAPTURE.is_file() else None
    outcome = fuzz(1_500, 11, capture)
    frames = outcome.frames
    assert frames["received"] + frames["malformed"] + frames["replies"] == 1_050 + 1
    assert min(frames.values()) > 0
    assert outcome.bodies.total() == 450
    assert min(outcome.bodies["read"], outcome.bodies["refused"]) > 50


def test_a_recorder_that_raises_fails_the_fuzz_naming_the_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(_self: object, data: object, _shard: int = 0) -> None:
        raise ZeroDivisionError("made for this test")

    monkeypatch.setattr(fuzz_module.Recorder, "on_message", raising)
    with pytest.raises(FuzzError, match="ZeroDivisionError: made for this test at"):
        fuzz_frames([json.dumps(FRAMES[0]).encode()])


def test_every_shape_is_good_before_it_is_broken() -> None:
    assert fuzz_frames([json.dumps(frame).encode() for frame in FRAMES[:5]])["refused"] == 0
    outcome, _ = fuzz_module.fuzz_bodies(
        (path, json.dumps(body).encode()) for path, body in BODIES.items()
    )
    assert outcome == {"read": len(BODIES)}
    assert issubclass(CountingRecorder, fuzz_module.Recorder)
