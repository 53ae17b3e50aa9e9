"""The folder of reports that the dashboard of this machine opens: JSON files, read only."""

import re
from pathlib import Path
from typing import Any, Final

from aiohttp import web

REPORTS: Final = "/report-files/"
"""The folder's address; on AWS there is none."""
MOST_FILES: Final = 200
MOST_BYTES: Final = 20_000_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}[.]json")


class ReportFiles:
    """A folder that may not be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def answer(self, name: str) -> web.Response:
        """Return the list of the files (name ""), or one of them, or 404."""
        if not name:
            return web.json_response({"reports": self._list()})
        path = self._folder / name
        if path.name != name or not _is_report(path):
            return web.json_response({"message": "there is no such report"}, status=404)
        return web.Response(body=path.read_bytes(), content_type="application/json")

    def _list(self) -> list[dict[str, Any]]:
        """Return the newest files, newest first."""
        if not self._folder.is_dir():
            return []
        files = [(path.stat(), path.name) for path in self._folder.iterdir() if _is_report(path)]
        files.sort(key=lambda file: (-file[0].st_mtime, file[1]))
        return [
            {"name": name, "bytes": stat.st_size, "time": int(stat.st_mtime * 1000)}
            for stat, name in files[:MOST_FILES]
        ]


def _is_report(path: Path) -> bool:
    """Return whether a path is a plain JSON file of the folder, of a size that is read at once."""
    return (
        _NAME.fullmatch(path.name) is not None
        and path.is_file()
        and not path.is_symlink()
        and path.stat().st_size <= MOST_BYTES
    )
