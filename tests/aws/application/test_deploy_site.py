"""deploy_site: after each request the bucket holds one version of the dashboard, or nothing."""

import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import PermanentError, SignalEngineError
from signalengine_aws.application.deploy_site import (
    PAUSES_S,
    RELEASE,
    DeploySite,
    Replaced,
    SiteFile,
    replace_site,
    site_file,
    unpacked,
)

CONFIG = {"name": "aws", "httpUrl": "https://a", "webSocketUrl": "wss://b/live"}
PAGE = {"index.html": b"<title>x</title>", "assets/app-1a2b.js": b"1", "sw.js": b"2"}
Files = Mapping[str, bytes]


@dataclass
class MemorySite:
    """A site in memory; refuses the first `refusals` calls."""

    files: dict[str, SiteFile] = field(default_factory=dict)
    archives: dict[tuple[str, str], bytes] = field(default_factory=dict)
    refusals: int = 0
    log: list[str] = field(default_factory=list)

    def archive(self, bucket: str, key: str) -> bytes:
        if self.refusals > 0:
            self.refusals -= 1
            raise PermanentError("read the site's archive: AccessDenied")
        return self.archives[bucket, key]

    def read(self, name: str) -> bytes:
        return self.files[name].body

    def put(self, file: SiteFile) -> None:
        self.files[file.name] = file
        self.log.append(file.name)

    def names(self) -> list[str]:
        return sorted(self.files)

    def remove(self, name: str) -> None:
        del self.files[name]
        self.log.append(f"-{name}")


def packed(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("assets/"), b"")  # the CDK's zips have entries of folders
        for name, body in files.items():
            archive.writestr(name, body)
    return target.getvalue()


def request(kind: str, key: str = "1.zip") -> dict[str, Any]:
    properties = {"Bucket": "cdk-assets", "Key": key, "Config": CONFIG}
    return {"RequestType": kind, "ResourceProperties": properties}


def site_of(files: Files, **options: Any) -> MemorySite:
    return MemorySite(archives={("cdk-assets", "1.zip"): packed(files)}, **options)


def test_the_files_are_served_beside_the_addresses() -> None:
    site = site_of(PAGE)
    assert DeploySite(site=site).apply(request("Create")) == Replaced(4, 0)
    assert served(site) == {**PAGE, "config.json": json.dumps(CONFIG).encode()}


def served(site: MemorySite) -> dict[str, bytes]:
    """The files, without the record of them."""
    return {name: file.body for name, file in site.files.items() if name != RELEASE}


A_VERSION = st.dictionaries(st.sampled_from(["index.html", "assets/a.js", "b.svg"]), st.binary())


@given(st.lists(A_VERSION, min_size=1, max_size=4))
def test_the_newest_release_and_the_one_before_are_left(versions: list[dict[str, bytes]]) -> None:
    site = MemorySite()
    before: dict[str, bytes] = {}
    for number, files in enumerate(versions):
        replace_site(site, files, key=f"{number}.zip")
        replace_site(site, files, key=f"{number}.zip")  # a request may come twice
        assert served(site) == {**before, **files}
        before = files


@dataclass
class StoppingSite(MemorySite):
    """A site whose function stops before the write of this number."""

    writes: int = 0

    def put(self, file: SiteFile) -> None:
        if self.writes == 0:
            raise RuntimeError("stopped")
        self.writes -= 1
        super().put(file)


OLD = {"index.html": b"1", "assets/a.js": b"1"}
NEW = {"index.html": b"2", "assets/b.js": b"2"}


@pytest.mark.parametrize("writes", range(4))
@pytest.mark.parametrize(("then", "key"), [(NEW, "2.zip"), (OLD, "1.zip")])
def test_a_deployment_that_stopped_loses_no_file_of_an_open_page(
    writes: int, then: dict[str, bytes], key: str
) -> None:
    """It is repeated, or CloudFormation rolls it back: what a page may have loaded stays."""
    site = StoppingSite(writes=100)
    replace_site(site, {"assets/0.js": b"0"}, key="0.zip")
    replace_site(site, OLD, key="1.zip")
    site.writes = writes
    with suppress(RuntimeError):
        replace_site(site, NEW, key="2.zip")
    written = set(served(site)) - {"assets/0.js"}
    site.writes = 100
    replace_site(site, then, key=key)
    assert set(served(site)) >= written | set(OLD) | set(then)
    assert site.files["index.html"].body == then["index.html"]


def test_the_page_is_written_after_what_it_loads_and_before_anything_goes() -> None:
    site = MemorySite()
    replace_site(site, {"assets/older.js": b""}, key="1.zip")
    replace_site(site, {"assets/old.js": b"", "index.html": b""}, key="2.zip")
    site.log.clear()
    replace_site(site, {"index.html": b"", "zz.js": b"", "assets/new.js": b""}, key="3.zip")
    assert site.log == [RELEASE, "assets/new.js", "zz.js", "index.html", "-assets/older.js"]


def test_a_deletion_empties_the_bucket() -> None:
    """Only an empty bucket can be deleted with its stack."""
    site = site_of(PAGE)
    DeploySite(site=site).apply(request("Create"))
    assert DeploySite(site=site).apply(request("Delete")) == Replaced(0, 5)
    assert site.files == {}


def test_a_right_that_arrives_late_is_waited_for() -> None:
    waited: list[float] = []
    site = site_of(PAGE, refusals=3)
    assert DeploySite(site=site, sleep=waited.append).apply(request("Update")).written == 4
    assert waited == list(PAUSES_S[:3])


def test_a_right_that_never_arrives_is_an_error() -> None:
    site = site_of(PAGE, refusals=100)
    with pytest.raises(SignalEngineError, match="AccessDenied"):
        DeploySite(site=site, sleep=lambda _: None).apply(request("Create"))


@pytest.mark.parametrize(
    ("name", "kind", "cached"),
    [
        ("index.html", "text/html", "no-cache"),
        ("sw.js", "text/javascript", "no-cache"),
        ("assets/app-1a2b.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("config.json", "application/json", "no-store"),
        (RELEASE, "application/json", "no-store"),
        ("manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("favicon.svg", "image/svg+xml", "no-cache"),
        ("without-a-type", "application/octet-stream", "no-cache"),
    ],
)
def test_each_file_has_its_type_and_only_hashed_names_are_cached(
    name: str, kind: str, cached: str
) -> None:
    file = site_file(name, b"")
    assert (file.content_type, file.cache_control) == (kind, cached)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True), st.binary()))
def test_a_zip_is_unpacked_to_what_was_packed(files: dict[str, bytes]) -> None:
    assert unpacked(packed(files)) == files
