"""`what-if` reads as many pages as it is asked for, and adds them up."""

from typing import Any

from infra.cli.reading.client import Api
from infra.cli.reading.what_if import PAGE, joined, tried
from tests.infra.cli.documents import what_if


class Pages(Api):
    """An API of some pages of fifty; it records what it is asked for."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.asked: list[dict[str, Any]] = []

    def get(self, path: str, **parameters: Any) -> Any:
        self.asked.append({"path": path, **parameters})
        self.left -= 1
        rows = [what_if()["signals"][0]] * parameters["limit"]
        cursor = str(self.left) if self.left else None
        return what_if(signals=rows, count=len(rows), cursor=cursor, unreadable=1)


def test_pages_are_read_up_to_the_limit() -> None:
    api = Pages(9)
    found = tried(api, 120, tp=3.0, sl=None)
    assert [(one["limit"], one["cursor"]) for one in api.asked] == [
        (PAGE, None), (PAGE, "8"), (20, "7"),
    ]  # fmt: skip
    assert all(one["tp"] == 3.0 for one in api.asked)
    assert (found["count"], len(found["signals"]), found["cursor"]) == (120, 120, "6")
    assert found["published"]["net_sum"] == 3 * what_if()["published"]["net_sum"]
    assert found["left_out"]["no_bars"] == 3
    assert found["unreadable"] == 3


def test_the_last_page_ends_it() -> None:
    api = Pages(2)
    assert tried(api, 1_000)["cursor"] is None
    assert len(api.asked) == 2


def test_one_page_is_itself() -> None:
    assert joined([what_if()]) == what_if() | {"count": len(what_if()["signals"])}
