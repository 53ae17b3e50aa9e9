"""A file layer for SQLite whose disk forgets what was not synced, as a power cut makes it.

Writes go to the real files, and into a record of what the disk may have: of each file, its content
at its last sync and the writes since. `after_a_cut` makes a folder as the disk may be then: of the
writes since the sync, each is there or not, and one may be there in part.
"""

from pathlib import Path
from random import Random
from typing import Any

import apsw


class CutFiles(apsw.VFS):
    """The file layer of one folder; every sync point is counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"cut-{folder}"
        self.synced: dict[str, bytes] = {}
        self.unsynced: dict[str, list[tuple[int, bytes]]] = {}
        self.on_sync: Any = lambda: None
        super().__init__(self.name, "")

    def connect(self, path: Path) -> apsw.Connection:
        """Open a file in this layer; one process uses it, so no shared memory is needed."""
        connection = apsw.Connection(str(path), vfs=self.name)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        return connection

    def xOpen(self, name: Any, flags: list[int]) -> "CutFile":  # noqa: N802 - SQLite's name
        return CutFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        name = Path(filename).name
        if syncdir:
            self.synced.pop(name, None)
            self.unsynced.pop(name, None)

    def after_a_cut(self, target: Path, random: Random) -> None:
        """Write the files as the disk may have them if the power fails now."""
        target.mkdir()
        for name, content in self.synced.items():
            found = bytearray(content)
            waiting = self.unsynced.get(name, [])
            for number, (offset, data) in enumerate(waiting):
                if random.random() < 0.5:
                    torn = number == len(waiting) - 1 and random.random() < 0.5
                    kept = data[: random.randrange(len(data) + 1)] if torn else data
                    found.extend(bytes(max(0, offset + len(kept) - len(found))))
                    found[offset : offset + len(kept)] = kept
            (target / name).write_bytes(found)


class CutFile(apsw.VFSFile):
    """One file of the layer."""

    def __init__(self, layer: CutFiles, name: Any, flags: list[int]) -> None:
        self._layer = layer
        self._path = Path(name.filename() if hasattr(name, "filename") else name)
        layer.synced.setdefault(self._path.name, b"")
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._layer.unsynced.setdefault(self._path.name, []).append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        name = self._path.name
        self._layer.synced[name] = self._layer.synced[name][:newsize]

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._layer.on_sync()
        super().xSync(flags)
        self._layer.synced[self._path.name] = self._path.read_bytes()
        self._layer.unsynced.pop(self._path.name, None)
        self._layer.on_sync()
