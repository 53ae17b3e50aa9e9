"""The documents name only what exists, and no file names a registry."""

import re

import pytest
from signalengine_aws.api.routes import ROUTES

from .source import ROOT, short, tracked

TEXT = {".cfg", ".css", ".html", ".json", ".md", ".py", ".sh", ".toml", ".ts", ".tsx", ".txt"} | {
    ".yaml", ".yml", "",
}  # fmt: skip
# The address of a registry belongs to a machine's configuration.
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
CODE = re.compile(r"`([^`\s]+)`|\]\(([^)\s#]+)[^)]*\)")
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=short)
def test_every_path_in_a_document_exists(document: object) -> None:
    path = ROOT / str(document)
    for found in CODE.finditer(path.read_text()):
        name = (found[1] or found[2]).rstrip("/")
        if is_path(name):
            here, there = path.parent / name, ROOT / name
            assert here.exists() or there.exists(), f"{short(path)} names {name}"


def test_the_path_of_a_bar_names_each_file_once() -> None:
    table = (ROOT / "README.md").read_text().partition("| hop |")[2].partition("\n\n")[0]
    files = re.findall(r"\]\(([^)]+)\)", table)
    assert len(files) > 30
    assert [name for name in files if not (ROOT / name).is_file()] == []
    assert sorted(files) == sorted(set(files))


def test_every_endpoint_is_documented() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    for route in ROUTES:
        named = f"{route.method} {route.path}" if route.shape is not None else route.path
        assert named in text, f"docs/api.md does not describe {named}"
        for one in route.parameters:
            assert one.name in text, f"docs/api.md does not describe {one.name}"


def test_no_file_names_a_registry() -> None:
    for path in tracked():
        if path.suffix in TEXT:
            text = path.read_text(errors="replace")
            assert not [host for host in REGISTRIES if host in text], short(path)


def is_path(name: str) -> bool:
    """A path of this repository: it begins with something that is at the top of the tree."""
    if "://" in name or re.search(r"[<>*${}=…]", name):
        return False
    top = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    return "/" in name and name.removeprefix("./").split("/")[0] in top
