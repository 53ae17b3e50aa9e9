"""The whole task against a real server on loopback: warm-up, stream, holes, reconnects, the end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from signalengine.bars.aggregator import aggregate
from signalengine.facts.stream import BarsFact, GapFact, HeartbeatFact, HistoryFact, TicksFact
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.lease import Answer

from ingest_task.backfill import repairs as repairs_module
from ingest_task.backfill import rest as rest_module
from ingest_task.backfill.rest import RequestRefusedError
from ingest_task.config import Settings, read_settings
from ingest_task.connections import connection as connection_module
from ingest_task.lease import RenewedLease
from ingest_task.task import Task
from tests.ingest_task.samples import T0, MemoryStream, minute_bar
from tests.ingest_task.small_exchange import SYMBOLS, SmallExchange, kline, mark, small_exchange
from tests.paths import ROOT

pytestmark = pytest.mark.slow

KLINES = "/fapi/v1/klines"


def settings(
    exchange: SmallExchange,
    folder: Path,
    symbols: str = ",".join(SYMBOLS),
    market: str = "simulated",
) -> Settings:
    return read_settings(environment(exchange, folder, symbols) | {"MARKET": market})


def environment(exchange: SmallExchange, folder: Path, symbols: str) -> dict[str, str]:
    return {
        "FEED_STREAM": "feed", "SYMBOLS": symbols, "MARKET": "simulated",
        "SPOOL_DIR": str(folder), "BINANCE_REST_BASE": exchange.rest_base,
        "BINANCE_WS_BASE": exchange.ws_base, "TASK_NAME": "tested", "AWS_REGION": "eu-central-1",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leased:
    """A table of leases that always gives one answer."""

    answer: Answer

    def acquire(self) -> Answer:
        return self.answer

    def release(self) -> None:
        return


class Running:
    """A task in a thread of this process."""

    def __init__(self, exchange: SmallExchange, folder: Path, market: str = "simulated") -> None:
        self.exchange, self.stream, self.stop = exchange, MemoryStream(), threading.Event()
        self.ready = threading.Event()
        self.lines: list[str] = []
        self.result: bool | None = None
        self._folder, self._market = folder, market
        self._thread = threading.Thread(target=self._run, name="task")

    def _run(self) -> None:
        self.result = self._task.run(lambda line: (self.lines.append(line), self.ready.set())[1])  # type: ignore[func-returns-value]  # both are None

    def start(self, symbols: str = ",".join(SYMBOLS), lease: Answer | None = None) -> None:
        made = settings(self.exchange, self._folder, symbols, self._market)
        renewed = None if lease is None else RenewedLease(Leased(lease), self.stop)
        self._task = Task(made, self.stream, self.stop, lease=renewed)
        self._thread.start()
        assert self.ready.wait(10)

    def end(self) -> None:
        self.stop.set()
        if self._thread.ident is not None:
            self._thread.join(15)
            assert not self._thread.is_alive()

    def bars(self, symbol: str) -> list[BarsFact]:
        return [fact for fact in self.stream.facts(BarsFact) if fact.symbol == symbol]

    def wait_bars(self, symbol: str, count: int) -> list[BarsFact]:
        self.stream.wait(lambda _stream: len(self.bars(symbol)) >= count)
        return self.bars(symbol)


@pytest.fixture(params=["simulated"])
def running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Running]:
    monkeypatch.setattr(rest_module, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(repairs_module, "LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr(connection_module, "_POLL_S", 0.05)
    with small_exchange() as exchange:
        task = Running(exchange, tmp_path, request.param)
        yield task
        task.end()


def test_history_comes_first_then_each_bar_as_it_closes(running: Running) -> None:
    running.start()
    for minute in range(5):
        for symbol in SYMBOLS:
            running.exchange.minute(symbol, minute)
    facts = running.wait_bars("ETHUSDT", 5)
    assert [fact.bars[0] for fact in facts] == [minute_bar("ETHUSDT", n) for n in range(5)]
    assert facts[-1].bars[1] == aggregate("5m", [minute_bar("ETHUSDT", n) for n in range(5)])
    assert {fact.source for fact in facts} == {"ws"}
    mine = [fact for key, fact in running.stream.taken if key == "ETHUSDT"]
    kinds = [fact.interval if isinstance(fact, HistoryFact) else "bars" for fact in mine]
    assert kinds == ["1d", "4h", "1h", "15m", "5m", "1m", *["bars"] * 5]
    ready = json.loads(running.lines[0])
    assert (ready["symbols"], ready["market"]) == (list(SYMBOLS), "simulated")


REFUSED = (400, dict[str, str](), json.dumps({"code": -1121, "msg": "Invalid symbol."}))


def test_a_symbol_whose_past_is_refused_is_left_out_and_the_others_go_on(running: Running) -> None:
    running.exchange.answers[KLINES] = [REFUSED]
    running.start()
    (followed,) = json.loads(running.lines[0])["symbols"]
    for symbol in SYMBOLS:
        running.exchange.minute(symbol, 0)
    running.wait_bars(followed, 1)
    running.end()
    assert {key for key, fact in running.stream.taken if isinstance(fact, HistoryFact)} == {
        followed
    }
    streams = {name for names in running.exchange.subscribed for name in names}
    (left_out,) = set(SYMBOLS) - {followed}
    assert f"{left_out.lower()}@kline_1m" not in streams
    (entry,) = [gap for gap in running.stream.facts(GapFact) if gap.cause == "dropped"]
    assert entry.symbol == left_out
    assert (entry.detail or "").startswith("its past is refused: /fapi/v1/klines")


def test_a_bar_has_the_hours_between_its_funding_payments(running: Running) -> None:
    running.exchange.hours = {"ETHUSDT": 4}
    running.start()
    for symbol in SYMBOLS:
        running.exchange.minute(symbol, 0)
    assert running.wait_bars("BTCUSDT", 1)[0].funding_hours == 8
    assert running.wait_bars("ETHUSDT", 1)[0].funding_hours == 4


def test_a_bar_has_the_tick_size_that_the_exchange_lists(running: Running) -> None:
    running.exchange.ticks = {"BTCUSDT": "0.10"}
    running.start()
    for symbol in SYMBOLS:
        running.exchange.minute(symbol, 0)
    assert running.wait_bars("BTCUSDT", 1)[0].tick_size == 0.1
    assert running.wait_bars("ETHUSDT", 1)[0].tick_size is None


def test_bars_closed_between_warm_up_and_stream_are_fetched_first(running: Running) -> None:
    running.start()
    running.exchange.now = T0 + 4 * 60_000
    running.exchange.minute("BTCUSDT", 3)
    facts = running.wait_bars("BTCUSDT", 4)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(4)]
    assert [fact.source for fact in facts] == ["rest", "rest", "rest", "ws"]


def test_a_bar_that_is_not_streamed_is_fetched_three_seconds_late(running: Running) -> None:
    running.start()
    running.exchange.now = T0 + 63_000
    running.exchange.minute("ETHUSDT", 0)
    running.exchange.send([mark("BTCUSDT", T0 + 63_000)])
    (fact,) = running.wait_bars("BTCUSDT", 1)
    assert (fact.source, fact.sent_at) == ("rest", T0 + 63_000)
    running.exchange.minute("BTCUSDT", 0)
    running.exchange.minute("BTCUSDT", 1)
    assert [f.bars[0].open_time for f in running.wait_bars("BTCUSDT", 2)] == [T0, T0 + 60_000]


def test_a_gap_after_a_reconnect_is_filled_before_newer_bars(running: Running) -> None:
    running.start()
    running.exchange.minute("BTCUSDT", 0)
    running.wait_bars("BTCUSDT", 1)
    running.exchange.drop()
    running.exchange.now = T0 + 8 * 60_000
    running.exchange.wait(lambda: len(running.exchange.subscribed) == 2)
    running.exchange.minute("BTCUSDT", 7)
    facts = running.wait_bars("BTCUSDT", 8)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(8)]
    running.stop.set()
    running.end()
    beat = running.stream.facts(HeartbeatFact)[-1]
    assert (beat.reconnects, beat.gaps) == (1, 0)


def test_a_hole_the_exchange_itself_has_is_stamped(running: Running) -> None:
    running.start()
    running.exchange.hidden = {("BTCUSDT", 1)}
    running.exchange.now = T0 + 3 * 60_000
    running.exchange.minute("BTCUSDT", 0)
    running.exchange.minute("BTCUSDT", 2)
    facts = running.wait_bars("BTCUSDT", 2)
    assert [fact.bars[0].open_time for fact in facts] == [T0, T0 + 120_000]
    assert [fact.quality.gap_s for fact in facts] == [0.0, 60.0]


def test_a_listing_a_halt_and_a_delisting_while_it_runs(running: Running) -> None:
    def change(symbol: str, status: str) -> None:
        running.exchange.statuses[symbol] = status
        running.exchange.send({
            "e": "contractInfo", "E": T0 + 100, "s": symbol, "ct": "PERPETUAL", "cs": status,
        })  # fmt: skip

    def wait_entry(cause: str, symbol: str, outcome: str) -> None:
        running.stream.wait(
            lambda stream: any(
                (gap.cause, gap.symbol, gap.outcome) == (cause, symbol, outcome)
                for gap in stream.facts(GapFact)
            )
        )

    running.start("all")
    change("NEWUSDT", "TRADING")
    running.exchange.wait(lambda: ["newusdt@kline_1m"] in running.exchange.subscribed)
    running.exchange.minute("NEWUSDT", 0)
    running.wait_bars("NEWUSDT", 1)
    change("ETHUSDT", "SETTLING")
    wait_entry("halted", "ETHUSDT", "open")
    change("ETHUSDT", "TRADING")
    wait_entry("halted", "ETHUSDT", "noted")
    change("BTCUSDT", "CLOSE")
    wait_entry("dropped", "BTCUSDT", "noted")
    running.exchange.wait(lambda: ["btcusdt@kline_1m"] in running.exchange.unsubscribed)
    running.end()
    assert running.stream.facts(HeartbeatFact)[-1].symbols == ("ETHUSDT", "NEWUSDT")


@pytest.mark.parametrize("running", ["live"], indirect=True)
def test_ticks_and_open_interest_flow_beside_the_bars(running: Running) -> None:
    running.start()
    running.exchange.wait(lambda: len(running.exchange.queries("/fapi/v1/openInterest")) >= 2)
    bar = minute_bar("BTCUSDT", 0)
    for ms in range(250, 3250, 250):
        running.exchange.send(kline("BTCUSDT", bar, T0 + ms))
    running.stream.wait(lambda stream: len(stream.facts(TicksFact)) >= 1)
    running.exchange.minute("BTCUSDT", 0)
    fact = running.wait_bars("BTCUSDT", 11)[-1]
    assert (fact.open_interest, fact.open_interest_time) == (5000.0, T0)


@pytest.mark.parametrize("running", ["live"], indirect=True)
def test_the_last_ten_minutes_are_sent_as_bars_so_that_each_is_evaluated(
    running: Running,
) -> None:
    running.start()
    running.exchange.minute("BTCUSDT", 0)
    facts = running.wait_bars("BTCUSDT", 11)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(-10, 1)]
    assert {fact.source for fact in facts[:10]} == {"rest"}
    assert all(fact.sent_at >= T0 for fact in facts)
    for history in running.stream.facts(HistoryFact):
        assert all(bar.close_time <= T0 - 10 * 60_000 for bar in history.bars)


def test_a_task_that_follows_another_in_a_replay_sends_the_last_minutes_as_bars(
    running: Running,
) -> None:
    """The one before was stopped and released its lease: what it did not send is evaluated."""
    running.start(lease=Answer(True, "two", first=False))
    running.exchange.minute("BTCUSDT", 0)
    facts = running.wait_bars("BTCUSDT", 11)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(-10, 1)]
    for history in running.stream.facts(HistoryFact):
        assert all(bar.close_time <= T0 - 10 * 60_000 for bar in history.bars)


def test_the_first_task_of_a_replay_begins_at_its_start(running: Running) -> None:
    running.start(lease=Answer(True, "one", first=True))
    running.exchange.minute("BTCUSDT", 0)
    assert running.wait_bars("BTCUSDT", 1)[0].bars[0] == minute_bar("BTCUSDT", 0)


def test_a_replayed_bar_has_the_open_interest_of_its_very_close(running: Running) -> None:
    running.start()
    running.exchange.now = T0 + 2 * 60_000
    running.exchange.minute("BTCUSDT", 0)
    running.exchange.minute("BTCUSDT", 1)
    facts = running.wait_bars("BTCUSDT", 2)
    assert [fact.open_interest_time for fact in facts] == [T0 + 60_000, T0 + 120_000]
    assert running.exchange.queries("/fapi/v1/openInterest") == []


def test_a_replay_goes_on_without_an_answer_for_open_interest(running: Running) -> None:
    running.exchange.answers["/_local/openInterest"] = [(404, {}, "{}")] * 9
    running.start()
    running.exchange.minute("BTCUSDT", 0)
    running.exchange.minute("BTCUSDT", 1)
    facts = running.wait_bars("BTCUSDT", 2)
    assert [fact.open_interest for fact in facts] == [None, None]


def test_after_a_stop_it_sends_all_it_has_and_a_last_heartbeat(running: Running) -> None:
    running.start()
    for minute in range(3):
        running.exchange.minute("BTCUSDT", minute)
    running.wait_bars("BTCUSDT", 3)
    running.end()
    assert running.result is True
    last = running.stream.taken[-1][1]
    assert isinstance(last, HeartbeatFact)
    assert last.time == T0 + 3 * 60_000 + 10


def test_a_market_that_has_ended_still_has_heartbeats(running: Running) -> None:
    running.start()
    running.exchange.minute("BTCUSDT", 0)
    running.wait_bars("BTCUSDT", 1)
    running.stream.wait(
        lambda stream: any(b.time == T0 + 60_010 for b in stream.facts(HeartbeatFact)), timeout=8
    )


# --- refusing to start ---------------------------------------------------------------------------


def refusal(exchange: SmallExchange, folder: Path, symbols: str = "BTCUSDT") -> str:
    task = Task(settings(exchange, folder, symbols), MemoryStream(), threading.Event())
    with pytest.raises(ConfigError) as caught:
        task.run(lambda _line: None)
    return str(caught.value)


def test_a_region_that_is_not_served_is_named_with_a_way_out(tmp_path: Path) -> None:
    with small_exchange() as exchange:
        exchange.answers["/fapi/v1/exchangeInfo"] = [(451, {}, "restricted location")]
        reason = refusal(exchange, tmp_path)
    assert "451" in reason
    assert "ap-northeast-1" in reason


def test_a_task_ends_when_the_past_of_all_symbols_is_refused(tmp_path: Path) -> None:
    with small_exchange() as exchange:
        exchange.answers[KLINES] = [REFUSED] * len(SYMBOLS)
        task = Task(settings(exchange, tmp_path), MemoryStream(), threading.Event())
        with pytest.raises(RequestRefusedError, match="Invalid symbol"):
            task.run(lambda _line: None)


def test_an_unknown_symbol_is_named(tmp_path: Path) -> None:
    with small_exchange() as exchange:
        assert "BTCUSTD" in refusal(exchange, tmp_path, "BTCUSDT,BTCUSTD")


def test_a_symbol_that_does_not_trade_is_left_out_unless_it_is_the_last(tmp_path: Path) -> None:
    halted = {
        "symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "BREAK",
        "quoteAsset": "USDT", "underlyingType": "COIN",
    }  # fmt: skip
    with small_exchange() as exchange:
        body = json.dumps({"symbols": [halted]})
        exchange.answers["/fapi/v1/exchangeInfo"] = [(200, {}, body)]
        assert "none of them" in refusal(exchange, tmp_path)


# --- as a process --------------------------------------------------------------------------------


@pytest.mark.parametrize("away", [False, True])
def test_sigterm_drains_the_process(tmp_path: Path, away: bool) -> None:
    with small_exchange() as exchange:
        environ = environment(exchange, tmp_path, "BTCUSDT") | {
            "AWS_ENDPOINT_URL": exchange.rest_base, "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        }  # fmt: skip
        with subprocess.Popen(
            [sys.executable, "-m", "ingest_task"], env=environ, cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline().startswith('READY {"task": "tested"')
            exchange.wait(lambda: len(exchange.records) >= 4)
            exchange.kinesis_away = away
            for minute in range(20):
                exchange.minute("BTCUSDT", minute)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=90)  # it may flush for 20 s
    assert process.returncode == 0, errors
    sent = [fact for fact in exchange.records if isinstance(fact, BarsFact)]
    lines = sum(path.read_bytes().count(b"\n") for path in tmp_path.glob("*.jsonl"))
    stopped = json.loads(errors.splitlines()[-1])
    assert stopped["event"] == "stopped"
    assert stopped["flushed"] is not away
    if away:
        assert (len(sent), lines > 0) == (0, True)
    else:
        assert lines == 0
        assert isinstance(exchange.records[-1], HeartbeatFact)
        assert [fact.bars[0] for fact in sent] == [
            minute_bar("BTCUSDT", n) for n in range(len(sent))
        ]  # fmt: skip


def test_a_process_without_its_settings_names_them_and_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ingest_task"], env={"PATH": os.environ["PATH"]}, cwd=ROOT,
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 78
    assert "FEED_STREAM" in json.loads(done.stderr.splitlines()[-1])["reason"]


def test_the_image_needs_nothing_but_what_it_installs() -> None:
    named = (ROOT / "ingest_task" / "requirements.txt").read_text()
    assert re.findall(r"^([a-z0-9-]+)==", named, re.MULTILINE) == [
        "botocore", "certifi", "charset-normalizer", "idna", "jmespath", "msgspec",
        "prometheus-client", "psutil", "python-dateutil", "requests", "six", "urllib3",
        "websocket-client",
    ]  # fmt: skip
    absent = ["numpy", "boto3", "pandas", "pynamodb", "aws_lambda_powertools", "aiohttp"]
    code = f"import sys; sys.modules.update(dict.fromkeys({absent})); import ingest_task.__main__"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=20)  # noqa: S603 - ours
