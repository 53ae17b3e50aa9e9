"""Fifty and more questions of traders, and what answers each without a language model."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.chat.intents import Kind, read_intent
from signalengine_aws.chat.periods import MAX_DAYS, Period
from signalengine_aws.chat.rules import HELP, NO_ADVICE, READS_ONLY, answer

from tests.chat_samples import TOP_ROW, MemoryReads
from tests.paths import ROOT
from tests.telegram_samples import closed, short, signal

BTC, ETH, SOL = "BTCUSDT", "ETHUSDT", "SOLUSDT"
LATEST = ("signals", None, 1)
SELDOM = "why something did not happen, or how often it does."


class Market(MemoryReads):
    """Three symbols with scores and signals; the newest signal is of BTCUSDT."""

    def __init__(self) -> None:
        eth = TOP_ROW | {"symbol": ETH, "direction": "short", "score": 0.41, "price": 1_790.2}
        sol = TOP_ROW | {"symbol": SOL, "direction": "long", "score": 0.33, "price": 148.1}
        super().__init__(top=[TOP_ROW, eth, sol])
        self.told = [closed(), short(), signal(symbol=SOL, signal_id="5" * 24)]

    def symbols(self) -> dict[str, Any]:
        return {"symbols": [BTC, ETH, SOL, "DOGEUSDT"]}

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        found = super().signal(signal().signal_id)
        self.asked[-1] = ("signal", signal_id)
        return found


# question, the reads that answer it (None: any), words of the answer
SCORES = [
    ("What's trending?", ("top", 5), "1. BTCUSDT long, score 65.4%"),
    ("Show me the best futures now", ("top", 5), "1. BTCUSDT long"),
    ("which coins are hot right now", ("top", 5), "Highest scores"),
    ("top 2", ("top", 2), "2. ETHUSDT short"),
    ("market overview", ("top", 5), "Highest scores"),
    ("best long setups", ("top", 1_000), "Highest long scores"),
    ("strongest shorts?", ("top", 1_000), "1. ETHUSDT short, score 41.0%"),
    ("what's the score of ETH?", ("top", 1_000), "Score of ETHUSDT"),
    ("how bullish is SOL?", ("top", 1_000), "1. SOLUSDT long, score 33.0%"),
    ("BTC price", ("top", 1_000), "BTCUSDT long"),
    ("how much is ETH", ("top", 1_000), "ETHUSDT short"),
    ("ETH long or short?", ("top", 1_000), "ETHUSDT short"),
]
SIGNALS = [
    ("latest signals", ("signals", None, 5), "Newest signals:"),
    ("any new signals?", ("signals", None, 5), "Newest signals:"),
    ("show the last 3 signals", ("signals", None, 3), "Newest signals:"),
    ("open signals", ("signals", None, 5, "open"), "Open signals:"),
    ("which positions are running?", ("signals", None, 5, "open"), "Open signals:"),
    ("recent short signals", ("signals", None, 5, "short"), "Newest short signals:"),
    ("sell signals", ("signals", None, 5, "short"), "Newest short signals:"),
    ("buy signals please", ("signals", None, 5, "long"), "Newest long signals:"),
    ("signals of BTCUSDT", ("signals", BTC, 5), "Newest signals of BTCUSDT:"),
    ("what about eth", ("signals", ETH, 5), "Newest signals of ETHUSDT:"),
    ("entry and stop of SOL", ("signals", SOL, 5), "Newest signals of SOLUSDT:"),
    ("open SOL signal?", ("signals", SOL, 5, "open"), "Open signals of SOLUSDT:"),
    ("what is the stop loss of the BTC signal?", ("signals", BTC, 5), ", SL 49,"),
    ("stop-loss for ETH", ("signals", ETH, 5), ", SL "),
    ("where is the take profit of ETH?", ("signals", ETH, 5), ", TP "),
    ("show me all closed signals", ("signals", None, 5, "closed"), "Newest closed signals:"),
    ("signals yesterday", ("signals", None, 5, 1, 1), "Newest signals, yesterday (UTC):"),
    ("ETH signals this week", ("signals", ETH, 5, 7, 0), "ETHUSDT, the last 7 days (UTC):"),
    ("signals of the last 2 hours", ("signals", None, 5, 2, 0), "Periods are whole days (UTC)."),
    ("signals on 2025-05-18", ("signals", None, 5, 1, 1), "Newest signals, 2025-05-18 (UTC):"),
    ("shorts in april", ("signals", None, 5, "short", 30, 19), "2025-04-01 – 2025-04-30 (UTC)"),
    ("signals last friday", ("signals", None, 5, 1, 3), "Newest signals, 2025-05-16 (UTC):"),
    ("signals in 2023", ("signals", None, 5), "Not applied: “in 2023”."),
    ("signals at 3pm gmt", ("signals", None, 5), "Not applied: “at 3pm gmt”."),
    ("how long does a signal stay open?", ("signals", None, 5, "open"), " open until 2025-"),
    ("how long is SOL open", ("signals", SOL, 5, "open"), " open until 2025-"),
    ("how long until it expires", ("signals", None, 5, "open"), " open until 2025-"),
    ("when does the SOL signal expire?", ("signals", SOL, 5, "open"), " open until 2025-"),
    ("did the last signal win?", ("signals", None, 1), "Newest signals:\nlong BTCUSDT tp hit"),
    ("was the last trade a winner?", ("signals", None, 1), "Newest signals:\nlong BTCUSDT"),
    ("signals of BTC and ETH", ("signals", BTC, 5), "BTCUSDT only: ask about ETHUSDT by itself."),
    ("not BTC, ETH", ("signals", BTC, 5), "BTCUSDT only: ask about ETHUSDT by itself."),
    ("BTC vs ETH", ("signals", BTC, 5), "BTCUSDT only: ask about ETHUSDT by itself."),
    ("stop of the SOL signal", ("signals", SOL, 5), ", SL "),
    ("buy and sell signals", ("signals", None, 5), "Newest signals:"),
    ("send me the latest signals", ("signals", None, 5), "Newest signals:"),
    ("when was the last DOGE signal?", ("signals", "DOGEUSDT", 5), "There are no signals of DOGE"),
]
RESULTS = [
    ("win rate", ("stats",), "4 closed signals: 1 won, 3 lost (25.0% win)"),
    ("How did today's signals do?", ("stats_of_days", 1, 0, None), "Today (UTC): 2 closed"),
    ("how are we doing today", ("stats_of_days", 1, 0, None), "Today (UTC): 2 closed"),
    ("how did yesterday go?", ("stats_of_days", 1, 1, None), "Yesterday (UTC): 2 closed"),
    ("this week", ("stats_of_days", 7, 0, None), "The last 7 days (UTC): 2 closed"),
    ("profit this month", ("stats_of_days", 30, 0, None), "The last 30 days (UTC)"),
    ("results of the last 3 days", ("stats_of_days", 3, 0, None), "The last 3 days (UTC)"),
    ("performance past 2 weeks", ("stats_of_days", 14, 0, None), "The last 14 days (UTC)"),
    ("pnl last 24h", ("stats_of_days", 2, 0, None), "The last 2 days (UTC)"),
    ("results of the last 25 hours", ("stats_of_days", 3, 0, None), "The last 3 days (UTC)"),
    ("results of the last 30 minutes", ("stats_of_days", 2, 0, None), "The last 2 days (UTC)"),
    ("win rate of the last hour", ("stats_of_days", 2, 0, None), "Periods are whole days (UTC)."),
    ("results since yesterday", ("stats_of_days", 2, 0, None), "The last 2 days (UTC)"),
    ("How much did BTC make last month?", ("stats_of_days", 30, 0, BTC), "BTCUSDT, the last 30"),
    ("win rate of shorts", ("stats_of_days", 366, 0, None, "short"), "Shorts, the last 366 days"),
    ("long results this week", ("stats_of_days", 7, 0, None, "long"), "Longs, the last 7 days"),
    ("results in 2023", ("stats",), "Not applied: “in 2023”."),
    ("results of 2025", ("stats_of_days", 139, 0, None), "2025-01-01 – 2025-05-19 (UTC)"),
    ("results since 3 may", ("stats_of_days", 17, 0, None), "2025-05-03 – 2025-05-19 (UTC)"),
    ("win rate on monday", ("stats_of_days", 1, 0, None), "2025-05-19 (UTC): 2 closed"),
    ("win rate on 2025-05-12", ("stats_of_days", 1, 7, None), "2025-05-12 (UTC): 2 closed"),
    ("did we lose money before yesterday?", ("stats",), "Not applied: “before yesterday”."),
    ("results of may 2025", ("stats_of_days", 19, 0, None), "2025-05-01 – 2025-05-19 (UTC)"),
    ("win rate of signals with a score above 70", ("stats",), "Not applied: “above 70”."),
    ("what closed today?", ("stats_of_days", 1, 0, None), "Today (UTC): 2 closed"),
    ("win rate of BTC", ("performance_stats",), "BTCUSDT: 3 closed signals: 2 won"),
    ("what is the win rate of BTC this week?", ("stats_of_days", 7, 0, BTC), "BTCUSDT, the last 7"),
    ("how did ETH do today?", ("stats_of_days", 1, 0, ETH), "ETHUSDT, today (UTC): 2 closed"),
    ("how is SOL performing?", ("performance_stats",), "SOLUSDT: no signal has closed."),
    ("how profitable are the signals?", ("stats",), "net on average"),
    ("track record", ("stats",), "4 closed signals"),
    ("are the signals any good?", ("stats",), "Fewer than 30 signals prove nothing."),
    ("best and worst trade?", ("stats",), "best +2.09%, worst"),
    ("how many signals hit their stop?", ("stats",), "3 lost"),
    ("average return per signal", ("stats",), "net on average"),
]
REASONS = [
    ("Why did the latest signal fire?", LATEST, "Components: "),
    ("explain latest", LATEST, "Reason: score 0.654"),
    ("explain the newest signal", LATEST, "Reason: score"),
    ("what triggered the last signal?", LATEST, "Events: volume spike 1m."),
    ("why?", LATEST, "Components: "),
    ("why BTCUSDT?", ("signals", BTC, 1), "Components: "),
    ("why did you short eth", ("signals", ETH, 1), "Components: "),
    ("reason for the SOL entry", ("signals", SOL, 1), "Components: "),
    ("why was yesterday's signal closed?", ("signals", None, 1, 1, 1), "Components: "),
    (f"explain {signal().signal_id}", ("signal", signal().signal_id), "Reason: score"),
]
ADVICE = [
    ("should I buy SOL with 10x leverage?", ("top", 1_000), "What is known of SOLUSDT:"),
    ("Is it safe to go all in on BTC?", ("signals", BTC, 1), "Score of BTCUSDT"),
    ("will ETH go up tomorrow?", ("top", 1_000), "ETHUSDT short, score 41.0%"),
    ("what should I buy?", ("top", 3), "What is known: Highest scores"),
    ("how much should I invest?", ("top", 3), "Highest scores"),
    ("what leverage do you recommend", ("top", 3), "Highest scores"),
    ("is now a good time to sell BTC", ("signals", BTC, 1), "Newest signals of BTCUSDT"),
    ("price prediction for doge", ("top", 1_000), "DOGEUSDT has no score yet"),
]
UNANSWERED = [
    ("buy 1 BTC for me", READS_ONLY),
    ("set my stop to 60000", READS_ONLY),
    ("subscribe me to ETH", READS_ONLY),
    ("please mute this chat", READS_ONLY),
    ("unsubscribe from BTC signals", READS_ONLY),
    ("please cancel all signals", READS_ONLY),
    ("turn off alerts", READS_ONLY),
    ("can you turn the ETH signals off?", READS_ONLY),
    ("turn on alerts for BTC", READS_ONLY),
    ("stop alerts", READS_ONLY),
    ("please stop sending BTC signals", READS_ONLY),
    ("stop", READS_ONLY),
    ("how do I place a stop loss?", READS_ONLY),
    ("how do I mute a chat?", READS_ONLY),
    ("how do you calculate the score?", "I have no answer about how the engine works."),
    ("explain how it works", "I have no answer about how the engine works."),
    ("what does score mean?", "I have no answer about how the engine works."),
    ("why so few signals?", "I have no answer about " + SELDOM),
    ("why is there no signal for DOGE?", "I have no answer about " + SELDOM),
    ("cost of running this", "I have no answer about the costs of running this."),
    ("price of gold", "I have no answer about gold."),
    ("top losers", "I have no answer about losers."),
    ("news about BTC", "I have no answer about news."),
    ("funding rate of ETH?", "I have no answer about funding."),
    ("what is the RSI of SOL", "I have no answer about rsi."),
    ("my balance", "I have no answer about balance."),
    ("hello", "I did not understand this question."),
    ("what is the meaning of life", "I did not understand this question."),
]


@pytest.mark.parametrize(
    ("question", "read", "words"), [*SCORES, *SIGNALS, *RESULTS, *REASONS, *ADVICE]
)
def test_a_question_is_answered_from_its_own_data(
    question: str, read: tuple[Any, ...], words: str
) -> None:
    reads = Market()
    found = answer(reads, question)
    assert read in reads.asked, reads.asked
    assert words in found.text
    assert ((question, read, words) in ADVICE) == found.text.startswith(NO_ADVICE)
    assert found.used


@pytest.mark.parametrize(("question", "words"), UNANSWERED)
def test_what_is_not_answered_is_said_with_what_can_be_asked(question: str, words: str) -> None:
    reads = Market()
    found = answer(reads, question)
    assert (found.text, found.used) == (f"{words}\n{HELP}", ())
    assert reads.asked == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("which symbols do you track?", "(4): BTCUSDT, DOGEUSDT, ETHUSDT, SOLUSDT."),
        ("how many coins do you follow?", "Followed symbols (4): BTCUSDT"),
        ("do you follow BTC?", "BTCUSDT is followed."),
        ("do you follow PEPE?", "PEPE is not followed; 4 symbols are"),
    ],
)
def test_the_followed_symbols_are_named(question: str, words: str) -> None:
    reads = Market()
    assert words in answer(reads, question).text
    assert reads.asked == []


@pytest.mark.parametrize(
    "question",
    ["how long is it open", "long ago", "as long as it is open", "so long", "long term", "lately"],
)
def test_a_duration_is_no_side(question: str) -> None:
    assert read_intent(question, has_symbol=False).direction is None
    assert read_intent(f"{question}, longs", has_symbol=False).direction == "long"


@pytest.mark.parametrize("question", ["latest signals", "win rate", "what's trending today?"])
def test_an_answer_to_all_of_a_question_has_no_notes(question: str) -> None:
    text = answer(Market(), question).text
    assert not re.search(r"Not applied|only: ask|whole days", text)


def suggestions() -> list[str]:
    """The questions that the chat page suggests, and those of the answer that nothing was found."""
    return [*suggested_by_the_page("en"), *re.findall(r"“(.+?)”", HELP)]


def suggested_by_the_page(code: str) -> list[str]:
    texts = Path(ROOT, f"web/src/text/{code}/chat.ts").read_text()
    found = re.findall(r'suggestion_\w+: "(.+?)",\n', texts)
    assert len(found) == 4
    return found


ANSWERED_BY = {
    "What's trending?": "top",
    "Show me the best futures now": "top",
    "How did today's signals do?": "stats",
    "Why did the latest signal fire?": "explain",
    "score of BTC": "top",
    "latest signals": "signals",
    "open signals": "signals",
    "signals of BTCUSDT": "signals",
    "win rate": "stats",
    "win rate of BTC this week": "stats",
    "explain latest": "explain",
    "why BTCUSDT": "explain",
}


@pytest.mark.parametrize("question", sorted(set(suggestions())))
def test_a_suggestion_is_answered_by_the_tool_it_is_about(question: str) -> None:
    assert answer(Market(), question).used == (ANSWERED_BY[question],)


@pytest.mark.parametrize("question", ["signals of FOOUSDT", "win rate of FOOUSDT", "why FOOUSDT?",
                                      "FOOUSDT price", "should I buy FOOUSDT?"])  # fmt: skip
def test_an_unknown_symbol_is_named_with_what_is_followed(question: str) -> None:
    assert "FOOUSDT is not followed" in answer(Market(), question).text


def test_a_symbol_once_followed_still_has_results() -> None:
    reads = Market()
    reads.told = [replace(closed(), symbol="OLDUSDT")]
    assert answer(reads, "results of OLDUSDT today").text.startswith("OLDUSDT, today (UTC): 2 ")


def test_nothing_that_leans_a_side_is_said() -> None:
    reads = Market()
    reads.rows = [TOP_ROW]
    assert answer(reads, "best shorts").text == "No symbol leans short now."


@given(st.text(max_size=80), st.integers(1, 999), st.sampled_from(["days", "weeks", "h"]))
def test_a_period_is_whole_days_within_a_year(around: str, number: int, unit: str) -> None:
    period = read_intent(f"{around} last {number} {unit}", has_symbol=False).period
    assert period is not None
    assert 1 <= period.days <= MAX_DAYS
    assert period.days_ago in (0, 1)


def test_periods_are_named_in_words() -> None:
    titles = [Period(1).title, Period(1, 1).title, Period(7).title]
    assert titles == ["today (UTC)", "yesterday (UTC)", "the last 7 days (UTC)"]


def test_every_kind_of_question_has_an_example_here() -> None:
    rows = [*SCORES, *SIGNALS, *RESULTS, *REASONS, *ADVICE, *UNANSWERED]
    kinds = {read_intent(row[0], has_symbol=False).kind for row in rows}
    assert kinds | {Kind.FOLLOWED} == set(Kind)
    assert len({row[0] for row in rows}) >= 50
