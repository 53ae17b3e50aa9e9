"""One file, whole, honest, and safe to open."""

import re
from dataclasses import replace

import pytest

from research.backtest.feed import columns_of
from research.reports.page import report, write_report
from research.statistics.conclusion import conclude
from research.statistics.errors import StatisticsError
from tests.research.reports.pages import Read
from tests.research.statistics.made import (
    at_random,
    made_run,
    opened,
    policy_with,
    with_foresight,
)

SYMBOLS = ("ADAUSDT", "BNBUSDT", "BTCUSDT", "ETHUSDT", "LTCUSDT", "SOLUSDT", "XRPUSDT")
HOSTILE = "<script>alert(1)</script>\"'&"


def page_of(runs, title="Two symbols", **how):
    return report(title, runs, conclude(runs, draws=50), **how)


@pytest.fixture(scope="module")
def runs():
    return [
        made_run(at_random(40), days=9, symbol=name, seed=n) for n, name in enumerate(SYMBOLS[:2])
    ]


@pytest.fixture(scope="module")
def page(runs):
    return page_of(runs)


def test_the_page_is_whole_and_begins_with_the_statement(page):
    read = Read(page)
    assert page.startswith("<!doctype html>")
    assert "No edge shown." in read.text
    assert "N = 80" in read.text
    heads = [a["id"] for a in read.named("h2")]
    links = [a["href"] for a in read.named("a")]
    assert links == [f"#{name}" for name in heads]


def test_the_page_fetches_and_runs_nothing(page):
    read = Read(page)
    names = {tag for tag, _ in read.elements}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "use", "image", "form"})
    assert not re.search(r"https?:|url\(|@import|javascript:|\son\w+=", page)
    (guard,) = [a for a in read.named("meta") if a.get("http-equiv")]
    assert guard["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_picture_has_a_description(page):
    pictures = Read(page).named("svg")
    assert len(pictures) >= 18
    for picture in pictures:
        assert picture["role"] == "img"
        assert len(picture["aria-label"]) > 20
        assert re.fullmatch(r"0 0 \d+ \d+", picture["viewbox"])


def test_no_picture_holds_a_place_that_is_none(page):
    assert not re.search(r"\bnan\b|\binf\b|None", page)


def test_axes_have_titles_with_units(page):
    text = Read(page).text
    for title in (
        "return on the capital, %", "mean net return, bps a signal", "win rate, %", "mean net, bps",
        "net return of a signal, % of the entry", "minutes from entry to end", "price, USDT",
        "maximum favourable excursion (MFE), R", "maximum adverse excursion (MAE), R",
        "day of the closing (UTC)",
    ):  # fmt: skip
        assert title in text


def test_the_same_runs_give_the_same_page(runs, page):
    assert page_of(runs) == page


def test_names_from_outside_are_escaped():
    run = made_run(at_random(35), days=9)
    odd = replace(run.signals[0].events[0], kind=HOSTILE)
    run.signals = tuple(
        replace(s, events=(odd,), missing=(HOSTILE,), code_version=HOSTILE) for s in run.signals
    )
    page = page_of([replace(run, policy=replace(run.policy, name=HOSTILE))], title=HOSTILE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 5
    assert HOSTILE in Read(page).text


def test_a_month_of_seven_symbols_is_less_than_a_megabyte(tmp_path):
    """With more signals a day than the default policy gives."""
    runs = [
        made_run(at_random(150, n), days=30, symbol=name, seed=n) for n, name in enumerate(SYMBOLS)
    ]
    write_report(tmp_path / "out.html", "A month", runs, found=conclude(runs, draws=50))
    assert (tmp_path / "out.html").stat().st_size < 1_000_000
    assert [p.name for p in tmp_path.iterdir()] == ["out.html"]


def test_chosen_signals_are_charted(runs):
    wanted = [runs[1].signals[7].signal_id, runs[0].signals[3].signal_id]
    read = Read(page_of(runs, signal_ids=wanted))
    labels = [a["aria-label"] for a in read.named("svg") if "entry" in a["aria-label"]]
    charted = [label for label in labels if "TP" in label]
    assert [label.split()[0] for label in charted] == ["BNBUSDT", "ADAUSDT"]


def test_an_unknown_signal_is_an_error(runs):
    with pytest.raises(StatisticsError, match="no closed signal has the id nothing"):
        page_of(runs, signal_ids=["nothing"])


def test_best_worst_and_first_are_charted(page):
    text = Read(page).text
    for why in ("best", "worst", "first"):
        assert text.count(f" · {why}") == 2


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_signals_make_a_page_too(count):
    page = page_of([made_run(at_random(count))])
    assert Read(page).text.count("No edge shown") >= 1
    assert not re.search(r"\bnan\b|\binf\b", page)
    assert f"{count} closed signals, 30 needed" in page


def test_an_edge_is_stated_where_there_is_one():
    assert "An edge is shown" in page_of([made_run(with_foresight(60), days=12)])


def test_open_signals_are_counted(runs):
    run = runs[0]
    last = run.feed.bars[-1]
    still = opened(
        symbol=run.symbol, close_time=int(last[0]), entry=last[4], tp=last[4] + 9, sl=last[4] - 9
    )
    page = page_of([replace(run, signals=(*run.signals, still))])
    assert "1 still open" in Read(page).text


def test_repairs_holes_and_unknown_funding_are_listed():
    run = made_run(at_random(31), days=9, without=range(6000, 6010))
    run.table = None
    run.feed = replace(run.feed, funding_paid=run.feed.funding_paid * float("nan"))
    text = Read(page_of([run])).text
    assert "1 gaps between bars" in text
    assert "these returns do not include funding" in text


def test_the_page_says_where_the_tick_size_is_from(page):
    assert "tick size 0.01, read from the decimals of the first prices" in Read(page).text


def test_a_simulated_market_is_named_so():
    text = Read(page_of([made_run(at_random(31), days=9, kind="simulated")])).text
    assert "simulated market" in text
    assert "the result does not apply to a real one" in text


def test_long_signals_are_drawn_in_longer_candles():
    policy = policy_with(ttl_s=86_400, tp_atr=40.0, sl_atr=20.0)
    page = page_of([made_run(at_random(8), days=8, policy=policy)])
    assert len(page) < 400_000


def test_a_report_that_cannot_be_written_leaves_no_part(runs, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_report(tmp_path / "taken", "x", runs, found=conclude(runs, draws=5))
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_prices_of_a_hundred_millionth_are_drawn(runs):
    run = made_run(at_random(31), days=9)
    feed = replace(run.feed, columns=columns_of(run.feed.bars * [1, *[1e-8] * 4, 1, 1]))
    run = replace(run, feed=feed)
    small = tuple(
        replace(
            s, entry_price=s.entry_price * 1e-8, tp_price=s.tp_price * 1e-8,
            sl_price=s.sl_price * 1e-8,
            settlement=replace(s.settlement, exit_price=s.settlement.exit_price * 1e-8),
        )
        for s in run.signals
    )  # fmt: skip
    assert not re.search(r"\bnan\b|\binf\b", page_of([replace(run, signals=small)]))
