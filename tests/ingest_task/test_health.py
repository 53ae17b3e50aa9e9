"""The health check of the container."""

from pathlib import Path

from ingest_task.health import ALIVE_FILE, healthy


def test_a_task_is_healthy_while_it_touches_its_file(tmp_path: Path) -> None:
    assert not healthy(tmp_path, now=0.0)
    alive = tmp_path / ALIVE_FILE
    alive.touch()
    written = alive.stat().st_mtime
    assert healthy(tmp_path, now=written + 29)
    assert not healthy(tmp_path, now=written + 31)
