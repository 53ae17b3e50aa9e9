"""The dashboard's build: which files it depends on."""

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
