"""Frames recorded from the exchange itself, through the real client: every one accounted for."""

import json
import threading
from pathlib import Path

import pytest
from signalengine.bars import Want
from signalengine.facts import BarsFact, TicksFact

from ingest_task.feed import Feed
from ingest_task.lease import Alone
from ingest_task.recorder import Recorder
from tests.ingest_task.small_exchange import small_exchange
from tests.ingest_task.test_recorder import MemoryOutlet

CAPTURE = (
    Path(__file__).parents[3]
    / "shared/data/ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.ws.1.0"
)  # fmt: skip
SYMBOLS = ("SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT")


@pytest.mark.skipif(not CAPTURE.is_file(), reason="the raw capture is not on this machine")
def test_every_frame_of_a_raw_capture_is_heard_and_its_four_bars_go_out() -> None:
    frames = [line.split(": ", 1)[1] for line in CAPTURE.read_text().splitlines()[1:]]
    closing = [
        k["k"]
        for frame in frames
        if (k := json.loads(frame)["data"])["e"] == "kline" and k["k"]["x"]
    ]  # fmt: skip
    outlet, stop, wants = MemoryOutlet(), threading.Event(), list[Want]()
    recorder = Recorder(SYMBOLS, "live", outlet, wants.append, Alone(), task="capture")
    with small_exchange() as exchange:
        feed = Feed(exchange.ws_base, SYMBOLS, recorder, lambda _wait: True, stop)
        feed.start()
        assert feed.wait_subscribed(10)
        exchange.send_texts(frames)
        beyond = threading.Event()
        while recorder.status()["messages"] < len(frames) and not beyond.wait(0.01):
            pass
        stop.set()
        feed.end(5.0)
    status = recorder.status()
    assert (status["messages"], status["malformed"]) == (len(frames), 0)
    sent = {fact.symbol: fact.bars[0] for fact in outlet.of(BarsFact)}
    assert set(sent) == set(SYMBOLS)
    for k in closing:
        bar = sent[k["s"]]
        assert (bar.open_time, bar.close, bar.volume) == (k["t"], float(k["c"]), float(k["v"]))
    assert len(outlet.of(TicksFact)) >= 25
    assert wants == []
