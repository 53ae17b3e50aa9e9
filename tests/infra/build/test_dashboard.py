"""The dashboard's build: which files it depends on."""

import shutil
from pathlib import Path

import pytest

from infra.build import dashboard


def test_outputs_are_neither_inputs_nor_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may be writing them; reading a folder that vanishes would raise."""
    for name in ("package.json", "src/app.tsx", "src/pages/page.tsx", "node_modules/a/b.js",
                 "dist/index.html", "tests/app.test.ts"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    walked: list[str] = []
    walk = Path.rglob
    monkeypatch.setattr(
        Path, "rglob", lambda path, pattern: walked.append(path.name) or walk(path, pattern)
    )
    monkeypatch.setattr(dashboard, "WEB", tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in dashboard._sources()}
    assert found == {"package.json", "src/app.tsx", "src/pages/page.tsx"}
    assert walked == ["src"]


# --- interrupted at every step, with an npm that takes no time -----------------------------------


class Interrupt(BaseException):
    """What a signal raises."""


class Npm:
    """`npm ci` and the build: each writes in two steps, and may be interrupted between."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.interrupt_at: str | None = None

    def run(self, arguments: tuple[str, ...], _lock: object = None) -> str:
        word = arguments[0]
        self.calls.append(word)
        if word == "ci":
            self._write(dashboard.MODULES / "react" / "index.js", word)
            self._write(dashboard.MODULES / "vite" / "index.js")
            self._write(dashboard.MODULES / ".package-lock.json")
        elif "--outDir" in arguments:
            target = Path(arguments[arguments.index("--outDir") + 1])
            self._write(target / "index.html", word)
            self._write(target / "assets" / "app.js")
        return ""

    def _write(self, path: Path, word: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half of it")
        if word and word == self.interrupt_at:
            raise Interrupt
        path.write_text(path.name)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    web = tmp_path / "web"
    for name in ("package.json", "package-lock.json", ".npmrc", "src/app.tsx"):
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).touch()
    for name, value in {
        "WEB": web, "DIST": web / "dist", "MODULES": web / "node_modules",
        "LOCK": tmp_path / "lock",
    }.items():  # fmt: skip
        monkeypatch.setattr(dashboard, name, value)
    monkeypatch.setattr(dashboard.proxies, "problem", lambda _environ: None)
    found = Npm()
    monkeypatch.setattr(dashboard, "_npm", found.run)
    return found


def build() -> None:
    dashboard.build_site(lambda _text: None)


def is_whole() -> bool:
    names = {path.name for path in dashboard.DIST.rglob("*") if path.is_file()}
    modules = {path.name for path in dashboard.MODULES.iterdir()}
    written = (dashboard.MODULES / "react" / "index.js").read_text()
    return (
        names == {"index.html", "app.js", dashboard.STAMP}
        and {"react", "vite"} <= modules
        and written == "index.js"
    )


@pytest.mark.parametrize("step", ["ci", "run"])
@pytest.mark.parametrize("built_before", [False, True])
def test_an_interrupted_build_is_repaired_by_the_next(
    npm: Npm, step: str, built_before: bool
) -> None:
    if built_before:
        build()
    (dashboard.WEB / "package-lock.json").write_text("changed")
    npm.interrupt_at = step
    with pytest.raises(Interrupt):
        build()
    (dashboard.WEB / "package-lock.json").write_text("")  # as it was before: the old stamp's
    npm.interrupt_at = None
    build()
    dashboard.run_script("lint", lambda _text: None)
    assert is_whole()
    npm.calls.clear()
    build()
    assert npm.calls == []


@pytest.mark.parametrize(
    ("gone", "calls"), [("dist/index.html", ["run"]), ("node_modules/vite", ["ci", "run"])]
)
def test_half_a_folder_is_not_taken_for_whole(npm: Npm, gone: str, calls: list[str]) -> None:
    build()
    npm.calls.clear()
    path = dashboard.WEB / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    if "ci" in calls:  # the packages are needed to build only
        (dashboard.WEB / "src/app.tsx").write_text("changed")
    build()
    assert is_whole()
    assert npm.calls == calls
