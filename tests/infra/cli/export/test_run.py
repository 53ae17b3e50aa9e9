"""An export that is interrupted anywhere, and resumed, is the uninterrupted one."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.export import pages
from infra.cli.export.datasets import DATASETS
from infra.cli.export.pages import MOST_LANES
from infra.cli.export.parts import PLAN
from infra.cli.export.run import AGAIN, Exported, Options, export
from infra.errors import CommandError
from tests.examples import examples
from tests.infra.cli.documents import MINUTE, T0
from tests.infra.cli.export.memory_api import MemoryApi


def to_file(
    api: MemoryApi,
    file: Path,
    name: str = "signals",
    form: str = "jsonl",
    *,
    restart: bool = False,
    shown: list[str] | None = None,
    **more: Any,
) -> Exported:
    show = (shown if shown is not None else []).append
    return export(api, Options(name, **more), form, file, show, restart=restart)  # type: ignore[arg-type]  # a fake


def rows_of(api: MemoryApi, folder: Path, name: str = "signals", **more: Any) -> list[Any]:
    to_file(api, folder / "rows", name, **more)
    return [json.loads(line) for line in (folder / "rows").read_text().splitlines()]


INTERRUPTIONS = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 400)), max_size=6)
"""Each: the request that is interrupted, and how many bytes the disk lost of the last part."""


@pytest.mark.parametrize("name", DATASETS)
@examples(25)
@given(interruptions=INTERRUPTIONS, form=st.sampled_from(["csv", "jsonl", "parquet"]))
def test_interrupted_anywhere_and_resumed_is_uninterrupted(
    name: str, interruptions: list[tuple[int, int]], form: str
) -> None:
    """What has come meanwhile is not in it, and a part that the disk has cut is read again."""
    with TemporaryDirectory() as folder:
        whole, file = Path(folder) / "whole", Path(folder) / "file"
        to_file(MemoryApi(), whole, name, form)
        api, later = MemoryApi(), MemoryApi(minutes=20)
        for failing, lost in interruptions:
            api.fail_at = failing
            try:
                to_file(api, file, name, form)
                break
            except KeyboardInterrupt:
                assert not file.exists()
            if (Path(folder) / ".file.parts" / PLAN).exists():
                api.lists, api.bars, api.watermark = later.lists, later.bars, later.watermark
                cut(Path(folder) / ".file.parts", lost)
        else:
            api.fail_at = None
            to_file(api, file, name, form)
        assert file.read_bytes() == whole.read_bytes()
        assert {path.name for path in Path(folder).iterdir()} == {"file", "whole"}


def cut(folder: Path, lost: int) -> None:
    """Take so many bytes off the end of the last part, all of it at most."""
    for part in sorted(folder.glob("0*.jsonl"))[-1:]:
        content = part.read_bytes()
        part.write_bytes(content[: max(0, len(content) - lost)])


def test_nothing_is_read_twice_after_an_interruption(tmp_path: Path) -> None:
    whole = MemoryApi()
    to_file(whole, tmp_path / "whole")
    api = MemoryApi()
    for failing in (5, 2, 4):
        api.fail_at = failing
        with pytest.raises(KeyboardInterrupt):
            to_file(api, tmp_path / "file")
    shown: list[str] = []
    done = to_file(api, tmp_path / "file", shown=shown)
    assert done.resumed
    assert "going on with an export that was interrupted" in shown[0]
    again = len(("/health", "/system"))  # which say whether it is the same run
    assert api.requests == whole.requests + 3 * (1 + again)  # with the failed ones


def test_rows_are_in_the_order_of_time_and_detection(tmp_path: Path) -> None:
    api = MemoryApi()
    rows = rows_of(api, tmp_path, "events")
    found = [(row["close_time"], row["symbol"], row["details"]["number"]) for row in rows]
    assert found == sorted(found)
    assert len(found) == len(api.lists["events"])
    bars = [(row["symbol"], row["open_time"]) for row in rows_of(api, tmp_path, "bars")]
    assert bars == sorted(bars)
    assert len(bars) == sum(len(one) for one in api.bars.values())


@pytest.mark.parametrize("most", [0, MOST_LANES])
def test_an_export_of_some_symbols_is_that_of_all_without_the_others(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when they are too many to be read one by one."""
    monkeypatch.setattr(pages, "MOST_LANES", most)
    for name in DATASETS:
        every = rows_of(MemoryApi(), tmp_path, name)
        some = rows_of(MemoryApi(), tmp_path, name, symbols="btc,SOLUSDT")
        assert some == [row for row in every if row["symbol"] in ("BTCUSDT", "SOLUSDT")]


def test_an_export_of_a_period_is_that_of_all_without_the_others(tmp_path: Path) -> None:
    start, end = T0 + 2 * MINUTE, T0 + 5 * MINUTE
    for name, time in (("signals", "close_time"), ("events", "close_time"), ("bars", "open_time")):
        every = rows_of(MemoryApi(), tmp_path, name)
        some = rows_of(MemoryApi(), tmp_path, name, start=str(start), end=str(end))
        assert some == [row for row in every if start <= row[time] < end]
        assert some


def test_all_windows_of_bars_are_read_where_the_api_finds_none_at_first(tmp_path: Path) -> None:
    """It reads a bounded number of items, which may be those of other symbols."""
    api = MemoryApi(page=1_500)
    api.watermark += 3_000 * MINUTE
    later = [[T0 + n * MINUTE, 1.0, 1.0, 1.0, 1.0, 1.0] for n in (0, 1, 1_600, 2_900)]
    api.bars["BTCUSDT"] = later
    found = rows_of(api, tmp_path, "bars", symbols="BTCUSDT")
    assert [row["open_time"] for row in found] == [bar[0] for bar in later]
    api.hides_first = True
    assert rows_of(api, tmp_path, "bars", symbols="BTCUSDT") == found


def test_another_export_begins_anew_and_removes_the_parts(tmp_path: Path) -> None:
    api, file = MemoryApi(), tmp_path / "file"
    for more in ({"symbols": "btc"}, {"start": str(T0)}, {}):
        api.fail_at = 3
        with pytest.raises(KeyboardInterrupt):
            to_file(api, file, "decisions", **more)
    assert to_file(api, file, "decisions").resumed
    api.fail_at = 6
    with pytest.raises(KeyboardInterrupt):
        to_file(api, file, "decisions")
    assert not to_file(api, file, "decisions", restart=True).resumed


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(
    ("field", "value"), [("market", "live"), ("policy", "0123456789ab"), ("since", 2_000)]
)
def test_rows_of_two_systems_are_never_in_one_file(
    name: str, field: str, value: object, tmp_path: Path
) -> None:
    """Every system of this machine has the same address; another run has other rows and times."""
    first, second = MemoryApi(minutes=20), MemoryApi()
    setattr(second, field, value)
    to_file(second, tmp_path / "whole", name)
    first.fail_at = {"bars": 6, "performance": 3}.get(name, 4)
    with pytest.raises(KeyboardInterrupt):
        to_file(first, tmp_path / "file", name)
    done = to_file(second, tmp_path / "file", name)
    assert (done.resumed, done.discarded) == (False, True)
    assert (tmp_path / "file").read_bytes() == (tmp_path / "whole").read_bytes()


def test_an_export_that_begins_anew_promises_no_resumption(tmp_path: Path) -> None:
    api = MemoryApi()
    api.fail_at, api.failure = 4, CommandError("the stack answers 503", "try again")
    with pytest.raises(CommandError) as raised:
        to_file(api, tmp_path / "file", restart=True)
    assert raised.value.fix == "try again"


def test_a_stack_that_fails_leaves_the_parts_and_says_what_to_do(tmp_path: Path) -> None:
    api = MemoryApi()
    api.fail_at, api.failure = 4, CommandError("the stack answers 503", "try again")
    with pytest.raises(CommandError, match="503") as raised:
        to_file(api, tmp_path / "file")
    assert raised.value.fix == f"try again; {AGAIN}"
    assert to_file(api, tmp_path / "file").resumed


def test_two_exports_to_one_file_at_once_are_refused(tmp_path: Path) -> None:
    api, inner = MemoryApi(), MemoryApi()
    file = tmp_path / "file"
    get = api.get

    def meanwhile(path: str, **given: Any) -> Any:
        if path == "/signals":
            with pytest.raises(CommandError, match="another export writes"):
                to_file(inner, file)
        return get(path, **given)

    api.get = meanwhile  # type: ignore[method-assign]
    to_file(api, file)
    assert inner.requests == 0


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("performance", {"start": str(T0)}, "--from has no effect on performance"),
        ("signals", {"policy": "x"}, "--policy has no effect on signals"),
        ("events", {"interval": "5m"}, "--interval has no effect on events"),
        ("signals", {"start": "2099-01-01"}, "--from is not before the newest data"),
        ("bars", {"symbols": "..."}, "--symbols"),
    ],
)
def test_options_without_an_effect_are_refused(
    name: str, more: dict[str, str], why: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=why):
        to_file(MemoryApi(), tmp_path / "file", name, **more)
    assert not (tmp_path / "file").exists()


def test_a_stack_without_data_is_named(tmp_path: Path) -> None:
    api = MemoryApi()
    api.watermark = None  # type: ignore[assignment]
    with pytest.raises(CommandError, match="received nothing yet"):
        to_file(api, tmp_path / "file")


def test_statistics_of_no_market_yet_are_no_rows(tmp_path: Path) -> None:
    api = MemoryApi()
    api.market = None
    assert rows_of(api, tmp_path, "performance") == []


def test_a_symbol_that_was_followed_once_can_be_exported(tmp_path: Path) -> None:
    shown: list[str] = []
    to_file(MemoryApi(), tmp_path / "file", symbols="OLDUSDT", shown=shown)
    assert "OLDUSDT is not followed" in shown[0]
