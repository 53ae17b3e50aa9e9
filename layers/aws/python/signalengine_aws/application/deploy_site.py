"""deploy_site: the dashboard's files are put into their bucket, or removed from it.

CloudFormation requests it: when the stack is created, when the files or the addresses in
`config.json` change, and when the stack is deleted, because only an empty bucket can be. The files
come as the zip that the CDK uploads.
"""

import io
import json
import mimetypes
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.errors import SignalEngineError

from ..ports import Site

ENTRY: Final = "index.html"
CONFIG: Final = "config.json"
HASHED: Final = "assets/"
"""Files whose names change with their content."""
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0)
"""Between attempts: a right that was granted a moment ago may be refused (IAM is eventually
consistent), and the rights to a new zip are granted with it."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file as browsers get it."""

    name: str
    body: bytes
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many files were written, and how many of an older version were removed."""

    written: int
    removed: int


class DeploySite:
    """Applies a request of CloudFormation to the site."""

    def __init__(self, *, site: Site, sleep: Callable[[float], None] = time.sleep) -> None:
        self._site = site
        self._sleep = sleep

    def apply(self, request: Mapping[str, Any]) -> Replaced:
        """Make the site what the request says; raises PermanentError or TransientError."""
        for pause in PAUSES_S:
            try:
                return self._apply(request)
            except SignalEngineError:
                self._sleep(pause)
        return self._apply(request)

    def _apply(self, request: Mapping[str, Any]) -> Replaced:
        if request["RequestType"] == "Delete":
            return replace_site(self._site, {})
        wanted = request["ResourceProperties"]
        archive = self._site.archive(wanted["Bucket"], wanted["Key"])
        return replace_site(self._site, {**unpacked(archive), **config_file(wanted["Config"])})


def replace_site(site: Site, files: Mapping[str, bytes]) -> Replaced:
    """Write these files, the entry page after what it loads, then remove all others."""
    for name in sorted(files, key=lambda name: (name == ENTRY, name)):
        site.put(site_file(name, files[name]))
    old = [name for name in site.names() if name not in files]
    for name in old:
        site.remove(name)
    return Replaced(len(files), len(old))


def site_file(name: str, body: bytes) -> SiteFile:
    """Return a file with its headers (pure)."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return SiteFile(name, body, kind, _cache_control(name))


def config_file(config: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the file of the addresses that the page uses (pure)."""
    return {CONFIG: json.dumps(dict(config)).encode()}


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Return the files of a zip by their names (pure)."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        members = [member for member in packed.infolist() if not member.is_dir()]
        return {member.filename: packed.read(member) for member in members}


def _cache_control(name: str) -> str:
    if name == CONFIG:
        return "no-store"
    return "public, max-age=31536000, immutable" if name.startswith(HASHED) else "no-cache"
