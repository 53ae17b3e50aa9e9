"""The folder of reports is read, and nothing outside of it."""

import json
import os
from pathlib import Path

import pytest
from aiohttp import web

from infra.local.front.reports import MOST_BYTES, ReportFiles


def body(answer: web.Response) -> dict[str, list[dict[str, object]]]:
    assert answer.text is not None
    found: dict[str, list[dict[str, object]]] = json.loads(answer.text)
    return found


def test_the_newest_files_come_first(tmp_path: Path) -> None:
    for n, name in enumerate(("old.json", "new.report.json")):
        (tmp_path / name).write_text("{}")
        os.utime(tmp_path / name, (1_000 + n, 1_000 + n))
    found = body(ReportFiles(tmp_path).answer(""))["reports"]
    assert found == [
        {"name": "new.report.json", "bytes": 2, "time": 1_001_000},
        {"name": "old.json", "bytes": 2, "time": 1_000_000},
    ]
    answer = ReportFiles(tmp_path).answer("old.json")
    assert (answer.status, answer.content_type, answer.body) == (200, "application/json", b"{}")


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert body(ReportFiles(tmp_path / "none").answer("")) == {"reports": []}
    assert ReportFiles(tmp_path / "none").answer("a.json").status == 404


@pytest.mark.parametrize(
    "name",
    [
        "../secret.json", "sub/inside.json", "%2e%2e/secret.json", "page.html", ".hidden.json",
        "link.json", "folder.json", "large.json", "a.json\n", "/etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_plain_report_of_the_folder_is_not_there(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (folder / "sub").mkdir(parents=True)
    (folder / "folder.json").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (folder / "sub" / "inside.json").write_text("{}")
    (folder / "page.html").write_text("<script>1</script>")
    (folder / ".hidden.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    with (folder / "large.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert ReportFiles(folder).answer(name).status == 404
    assert body(ReportFiles(folder).answer("")) == {"reports": []}
