"""The benchmark of the API: its data is reproducible and of the engine's own types."""

from infra.local.benchmarks import api


def test_markets_and_signals_are_reproducible() -> None:
    assert api.minutes("S00USDT") == api.minutes("S00USDT")
    assert api.minutes("S00USDT")[-1].close_time == api.NOW
    closed = list(api.signals(40))
    assert closed == list(api.signals(40))
    assert len({one.signal_id for one, _ in closed}) == 40
    assert all(end.closed_at > one.close_time for one, end in closed)


def test_a_closed_signal_is_stored_as_closed() -> None:
    one, end = next(api.signals(1))
    item = api.closed_item(one, end)
    assert (item.signal_id, item.open, item.outbox) == (one.signal_id, None, None)
    assert item.settlement


def test_the_first_request_reads_no_table() -> None:
    paths = api.requests_of("an-id")
    assert paths[0] == "/openapi.json"
    assert "/signals/an-id" in paths
