"""A ranking discounts the number of policies tried."""

import numpy as np
import pandas as pd
import pytest

from research.sweeps.ranking import rank

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


def ranked_rows(count: int, days: int, best: float) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    rows = []
    for n in range(count):
        net = (rng.normal(best if n == 0 else 0.0, 0.01, days) * 1e8).astype(np.int64)
        rows.append(
            {
                "policy": f"p{n}", "changes": "{}", "error": None, "closed": 100, "wins": 50,
                "net_sum": int(net.sum()), "gross_sum": int(net.sum()),
                "days": list(range(days)), "day_net": net.tolist(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_ranking_discounts_what_was_tried() -> None:
    luck = rank(ranked_rows(60, 60, best=0.0))
    assert luck.tried == 60
    top = luck.table.iloc[0]
    alone = rank(ranked_rows(60, 60, best=0.0).query("policy == @top.policy")).table.iloc[0]
    assert alone["deflated"] > 0.95 > top["deflated"]
    assert luck.overfitting is not None
    real = rank(ranked_rows(60, 60, best=0.02))
    assert real.table.iloc[0]["policy"] == "p0"
    assert real.table.iloc[0]["deflated"] > 0.95
    assert real.overfitting is not None
    assert real.overfitting < 0.05


def test_a_policy_that_failed_anywhere_comes_last() -> None:
    rows = ranked_rows(3, 30, best=0.05)
    rows.loc[0, "error"] = "DataError: gone"
    assert rank(rows).table["policy"].iloc[-1] == "p0"
