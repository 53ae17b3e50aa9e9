"""The dashboard's bucket."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from signalengine.errors import PermanentError
from signalengine_aws.application.deploy_site import SiteFile
from signalengine_aws.stores.site import S3Site

REGION = "ap-northeast-1"


@pytest.fixture
def site() -> Iterator[S3Site]:
    with mock_aws():
        s3 = boto3.client("s3", REGION)
        s3.create_bucket(Bucket="site", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield S3Site(s3, "site")


def test_a_file_is_served_with_its_headers(site: S3Site) -> None:
    site.put(SiteFile("a.css", b"a{}", "text/css", "no-cache"))
    found = boto3.client("s3", REGION).get_object(Bucket="site", Key="a.css")
    assert (found["ContentType"], found["CacheControl"]) == ("text/css", "no-cache")
    assert site.archive("site", "a.css") == b"a{}"


def test_all_names_are_listed_however_many(site: S3Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 lists a thousand at once, here two."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    names = [f"{number:04}" for number in range(5)]
    for name in names:
        site.put(SiteFile(name, b"", "text/plain", "no-cache"))
    assert site.names() == names
    site.remove("0000")
    assert site.names() == names[1:]


def test_errors_of_s3_are_ours(site: S3Site) -> None:
    with pytest.raises(PermanentError, match="read the site's archive: NoSuchKey"):
        site.archive("site", "none.zip")
