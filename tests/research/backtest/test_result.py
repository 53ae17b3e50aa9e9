"""The signals of a result are settled as the compiled loop settled them."""

from signalengine.intervals import MINUTE_MS

from research.backtest.feed import feed_of_facts
from research.backtest.run import run
from tests.research.backtest.walks import EAGER, facts_of, walk


def test_the_compiled_outcome_is_the_settlement() -> None:
    done = run(feed_of_facts(facts_of(walk(4, 6000), 4000)), EAGER)
    names = {0.0: "open", 1.0: "tp_hit", 2.0: "sl_hit", 3.0: "expired"}
    assert len(done.signals) > 10
    for signal, row in zip(done.signals, done.outcome_rows, strict=True):
        assert signal.status == names[row[0]]
        if signal.settlement is not None:
            assert signal.settlement.exit_price == row[2]
            assert signal.settlement.closed_at == done.feed.bars[int(row[1]), 0] + MINUTE_MS
