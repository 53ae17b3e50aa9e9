"""The local Kinesis, met by the client that the ingest task uses."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from signalengine_aws.messaging.kinesis import Entry, KinesisStream, StreamAwayError, client

from infra.local.faults.stream import LocalStream, StreamFault

AT = 1_000


@contextmanager
def stream(
    monkeypatch: pytest.MonkeyPatch, *faults: StreamFault, now: int = AT
) -> Iterator[tuple[LocalStream, KinesisStream]]:
    with LocalStream(lambda: now, list(faults)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        yield server, KinesisStream(client("ap-northeast-1"), "feed")


def entries(count: int) -> list[Entry]:
    return [Entry(f"K{n % 2}", "bars", f'{{"kind":"bars","n":{n}}}'.encode()) for n in range(count)]


def test_records_are_stored_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    with stream(monkeypatch) as (server, feed):
        assert feed.put(entries(4)) == ()
        assert [(one.key, one.now) for one in server.taken] == [
            ("K0", AT), ("K1", AT), ("K0", AT), ("K1", AT),
        ]  # fmt: skip
        assert server.taken[2].data == b'{"kind":"bars","n":2}'
        assert (server.bars, server.counts.calls) == (4, 1)


def test_records_fail_one_by_one_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with stream(monkeypatch, StreamFault("partial", AT, 60.0)) as (server, feed):
        assert feed.put(entries(4)) == (1, 3)
        assert [one.key for one in server.taken] == ["K0", "K0"]
    with stream(monkeypatch, StreamFault("throttled", AT, 60.0)) as (server, feed):
        assert feed.put(entries(2)) == (0, 1)
        assert feed.codes == {"ProvisionedThroughputExceededException": 2}
        assert (server.taken, server.counts.refused_records) == ([], 2)


@pytest.mark.parametrize("kind", ["error", "away"])
def test_an_unavailable_stream_is_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    fault = StreamFault(kind, AT, 0.3)  # type: ignore[arg-type]  # pytest's parameter
    with stream(monkeypatch, fault) as (server, feed):
        with pytest.raises(StreamAwayError):
            feed.put(entries(1))
        assert (fault.struck, server.taken) == (AT, [])
        assert fault.began is not None
        fault.began -= 1.0  # the wall's time has passed
        assert feed.put(entries(1)) == ()


def test_a_fault_starts_at_its_event_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with stream(monkeypatch, StreamFault("error", AT + 1, 60.0)) as (_, feed):
        assert feed.put(entries(1)) == ()
