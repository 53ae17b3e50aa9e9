"""The disk use of a folder."""

from pathlib import Path

from infra.local.service.disk import disk


def test_what_is_allocated_is_counted_and_a_link_is_not_followed(tmp_path: Path) -> None:
    big, folder = tmp_path / "big", tmp_path / "data"
    big.write_bytes(b"x" * 1_000_000)
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_bytes(b"x" * 100_000)
    (folder / "link").symlink_to(big)
    found = disk(folder)
    assert 100_000 <= found.used < 300_000
    assert found.free > 0


def test_a_folder_that_is_not_there_uses_nothing(tmp_path: Path) -> None:
    found = disk(tmp_path / "a" / "b")
    assert found.used == 0
    assert found.free > 0
