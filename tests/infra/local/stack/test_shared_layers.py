"""A layer is unpacked once, whichever function needs it first."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.stack.shared_layers import SharedLayers


def worker(folder: Path, name: str, files: dict[str, str]) -> tuple[Path, Path]:
    """Make what MiniStack has written before it opens an archive: the archive, an empty folder."""
    place, archive = folder / name, folder / f"{name}.zip"
    place.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as zipped:
        for path, text in files.items():
            zipped.writestr(zipfile.ZipInfo(path), text)
    return archive, place


def unpacked(layers: SharedLayers, archive: Path, place: Path) -> list[str]:
    """Do with an archive what MiniStack does; returns the names that it checks."""
    with layers.ZipFile(str(archive)) as zipped:
        names = zipped.namelist()
        zipped.extractall(str(place))
    return names


def test_functions_share_one_copy_of_a_layer(tmp_path: Path) -> None:
    layers, files = SharedLayers(tmp_path), {"python/a.py": "a", "python/b/c.py": "c"}
    one = worker(tmp_path / "one", "layer_0", files)
    two = worker(tmp_path / "two", "layer_1", files)
    assert unpacked(layers, *one) == list(files)
    assert unpacked(layers, *two) == []
    for archive, place in (one, two):
        assert {path: (place / path).read_text() for path in files} == files
        assert not archive.exists()
    assert one[1].resolve() == two[1].resolve()


def test_another_content_has_a_copy_of_its_own(tmp_path: Path) -> None:
    layers = SharedLayers(tmp_path)
    for number in (0, 1):
        archive, place = worker(tmp_path / str(number), "layer_0", {"a.py": str(number)})
        unpacked(layers, archive, place)
        assert (place / "a.py").read_text() == str(number)


def test_the_code_of_a_function_stays_its_own(tmp_path: Path) -> None:
    archive, place = worker(tmp_path, "code", {"handler.py": "x"})
    assert unpacked(SharedLayers(tmp_path), archive, place) == ["handler.py"]
    assert not place.is_symlink()
    assert (place / "handler.py").read_text() == "x"


def test_workers_that_start_at_once_share_it_too(tmp_path: Path) -> None:
    layers, files = SharedLayers(tmp_path), {f"python/{n}.py": str(n) for n in range(50)}
    waiting = [worker(tmp_path / str(n), "layer_0", files) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: unpacked(layers, *one), waiting))
    assert len({place.resolve() for _, place in waiting}) == 1
    assert all((place / "python/49.py").read_text() == "49" for _, place in waiting)


def test_a_broken_archive_is_refused_and_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    layers = SharedLayers(tmp_path)
    archive, place = worker(tmp_path / "one", "layer_0", {"a.py": "x" * 1000})
    content = bytearray(archive.read_bytes())
    content[100] ^= 0xFF  # in the stored text: its checksum does not fit
    archive.write_bytes(content)
    for _ in range(2):
        with pytest.raises(zipfile.BadZipFile):
            unpacked(layers, archive, place)
    assert not [path for path in tmp_path.iterdir() if len(path.name) == 64]


def test_everything_else_is_the_module_itself(tmp_path: Path) -> None:
    assert SharedLayers(tmp_path).BadZipFile is zipfile.BadZipFile
