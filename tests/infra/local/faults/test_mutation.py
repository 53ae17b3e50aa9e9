"""Mutated frames and answers: reproducible, and of every kind."""

import json

import pytest

from infra.local.faults.mutation import FRAMES, broken, recorded_frames
from tests.paths import ROOT

CAPTURE = (
    ROOT
    / "../shared/data/ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.ws.1.0"
)  # fmt: skip


def test_broken_texts_follow_from_the_seed_and_are_of_every_kind() -> None:
    texts = list(broken(FRAMES, 500, 1))
    assert texts == list(broken(FRAMES, 500, 1))
    assert texts != list(broken(FRAMES, 500, 2))
    assert len(set(texts)) > 400
    readable = []
    for text in texts:
        try:
            readable.append(json.loads(text))
        except (ValueError, RecursionError):
            continue
    assert 150 < len(readable) < 450


@pytest.mark.skipif(not CAPTURE.is_file(), reason="the raw capture is not on this machine")
def test_a_raw_capture_is_read_as_messages() -> None:
    assert {message["data"]["e"] for message in recorded_frames(CAPTURE)} > {"kline", "aggTrade"}
