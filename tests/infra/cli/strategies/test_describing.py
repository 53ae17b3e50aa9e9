"""What is said of a strategy: its file's words, its declaration, and the digest of its signals."""

from signalengine.policy import default_policy
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.sets import set_of

from infra.cli.strategies.describing import listed, shown


def test_the_digest_is_that_of_its_signals() -> None:
    rows = {row["name"]: row for row in listed()["strategies"]}

    assert rows["classic"]["digest"] == default_policy().digest
    assert rows["donchian"]["digest"] == set_of(load_shipped("donchian")).digest


def test_all_of_a_declaration_is_shown() -> None:
    one = shown("donchian")

    assert one["text"].startswith("A close past the channel of the days before")
    assert one["path"].endswith("strategies/donchian.py")
    assert [(p["name"], p["default"]) for p in one["parameters"]] == [
        ("days", 20.0), ("sl_atr", 2.0), ("tp_atr", 6.0),
    ]  # fmt: skip
    assert [(v["name"], v["kind"]) for v in one["values"]][:2] == [
        ("close", "price"), ("highest", "price"),
    ]  # fmt: skip
    assert one["warm_up"] == {"1d": 120}
    assert one["ttl_minutes"] == 20_160
