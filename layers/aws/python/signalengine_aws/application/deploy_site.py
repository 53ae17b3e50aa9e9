"""deploy_site: the dashboard's files are put into their bucket, or removed from it.

CloudFormation requests it: when the stack is created, when the files or the addresses in
`config.json` change, and when the stack is deleted, because only an empty bucket can be. The files
come as the zip that the CDK uploads.

Files of the release before stay until the next one: a page that is open loads parts of itself late.
Nothing is invalidated: CloudFront caches only files whose names change with their content.
"""

import io
import json
import mimetypes
import time
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from signalengine.errors import SignalEngineError

from ..ports import Site

ENTRY: Final = "index.html"
CONFIG: Final = "config.json"
RELEASE: Final = "release.json"
"""What is in the bucket: the release, its files, and those of the release before."""
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
    """How many files were written, and how many of older releases were removed."""

    written: int
    removed: int


@dataclass(frozen=True, slots=True)
class Release:
    """The files of a site, by name."""

    key: str = ""
    """The zip that they came in."""
    files: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    """Files of the release before."""


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
            return remove_all(self._site)
        wanted = request["ResourceProperties"]
        archive = self._site.archive(wanted["Bucket"], wanted["Key"])
        files = {**unpacked(archive), **config_file(wanted["Config"])}
        return replace_site(self._site, files, key=wanted["Key"])


def replace_site(site: Site, files: Mapping[str, bytes], *, key: str = "") -> Replaced:
    """Write these files, the entry page after what it loads, then remove what is older.

    The release before stays: a release of the same `key` is the same one, written again.
    """
    found = site.names()
    last = _release(site.read(RELEASE)) if RELEASE in found else Release()
    before = last.before if last.key == key else last.files
    release = Release(key, tuple(sorted(files)), before)
    site.put(site_file(RELEASE, json.dumps(asdict(release)).encode()))  # first: it may stop here
    for name in sorted(files, key=lambda name: (name == ENTRY, name)):
        site.put(site_file(name, files[name]))
    return Replaced(len(files), _remove(site, set(found) - {*files, *before, RELEASE}))


def remove_all(site: Site) -> Replaced:
    """Remove every file."""
    return Replaced(0, _remove(site, site.names()))


def _remove(site: Site, names: Collection[str]) -> int:
    for name in sorted(names):
        site.remove(name)
    return len(names)


def _release(body: bytes) -> Release:
    found = json.loads(body)
    return Release(found["key"], tuple(found["files"]), tuple(found["before"]))


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
    if name in (CONFIG, RELEASE):
        return "no-store"
    return "public, max-age=31536000, immutable" if name.startswith(HASHED) else "no-cache"
