"""Unpacks each layer once for all functions; MiniStack does it again for each of their workers.

Runs in MiniStack's process, so it imports nothing that needs a package.
"""

import hashlib
import threading
import zipfile
from pathlib import Path
from typing import Any, Final

PREFIX: Final = "layer_"
"""How MiniStack names the folder, and the archive, of a function's layer."""


class SharedLayers:
    """Takes the place of the module `zipfile` where MiniStack starts the workers of functions."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the layers are unpacked; it ends with the run."""
        self._folder = folder
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(zipfile, name)

    def ZipFile(self, file: str) -> zipfile.ZipFile:  # noqa: N802 - the name it takes the place of
        """Open an archive; a layer's is unpacked once."""
        place = Path(file)
        return _Layer(self, place) if place.name.startswith(PREFIX) else zipfile.ZipFile(file)

    def content(self, archive: Path) -> Path:
        """Return where the content of an archive is, or is to be."""
        with archive.open("rb") as file:
            return self._folder / hashlib.file_digest(file, "sha256").hexdigest()

    def unpack(self, layer: zipfile.ZipFile, content: Path) -> None:
        """Unpack a layer unless it has been."""
        with self._lock:
            if not content.exists():
                part = content.with_suffix(".part")
                zipfile.ZipFile.extractall(layer, part)
                part.rename(content)


class _Layer(zipfile.ZipFile):
    """A layer's archive, whose target becomes a link to the one copy of its content."""

    def __init__(self, layers: SharedLayers, archive: Path) -> None:
        super().__init__(archive)
        self._layers, self._archive = layers, archive
        self._content = layers.content(archive)

    def namelist(self) -> list[str]:
        """Return the names that are to be checked: none of what is unpacked already."""
        return [] if self._content.exists() else super().namelist()

    def extractall(self, path: Any = None, *_members: Any, **_more: Any) -> None:
        """Make the folder `path`, which is empty, a link to the content; the archive goes."""
        self._layers.unpack(self, self._content)
        target = Path(path)
        target.rmdir()
        target.symlink_to(self._content)
        self._archive.unlink()
