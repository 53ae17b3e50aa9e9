"""deploy_site: CloudFormation's requests, with S3 and the address of the answer."""

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from functions.deploy_site import handler as module
from tests.aws.response_server import response_server
from tests.aws.world import REGION, World
from tests.functions.conftest import forget_processes

pytestmark = pytest.mark.enable_socket
ASSETS = "cdk-hnb659fds-assets-123456789012-ap-northeast-1"
PLACE = {"LocationConstraint": REGION}
PROPERTIES = {"Bucket": ASSETS, "Key": "1.zip", "Config": {"name": "aws"}}


@pytest.fixture
def s3(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    client = boto3.client("s3", REGION)
    for bucket in (ASSETS, "site"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration=PLACE)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("index.html", "<title>x</title>")
    client.put_object(Bucket=ASSETS, Key="1.zip", Body=zipped.getvalue())
    monkeypatch.setenv("SITE_BUCKET", "site")
    yield client
    for bucket in (ASSETS, "site"):
        for name in names(client, bucket):
            client.delete_object(Bucket=bucket, Key=name)
        client.delete_bucket(Bucket=bucket)


def names(s3: Any, bucket: str) -> set[str]:
    return {row["Key"] for row in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_the_dashboard_is_deployed_updated_and_removed(s3: Any, context: Any) -> None:
    s3.put_object(Bucket="site", Key="assets/old.js", Body=b"")
    with response_server() as server:
        module.handler(server.request("Create", **PROPERTIES), context)
        assert names(s3, "site") == {"index.html", "config.json", "release.json"}
        config = s3.get_object(Bucket="site", Key="config.json")
        assert json.loads(config["Body"].read()) == {"name": "aws"}
        module.handler(server.request("Update", **PROPERTIES), context)
        assert names(s3, "site") == {"index.html", "config.json", "release.json"}
        module.handler(server.request("Delete", **PROPERTIES), context)
        assert names(s3, "site") == set()
        assert [answer["Status"] for answer in server.answers] == ["SUCCESS"] * 3
        assert len({answer["PhysicalResourceId"] for answer in server.answers}) == 1


@pytest.mark.parametrize("missing", ["SITE_BUCKET", "POWERTOOLS_SERVICE_NAME"])
def test_a_function_that_cannot_start_still_answers(
    s3: Any, context: Any, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Without an answer CloudFormation would wait until the resource's time-out."""
    monkeypatch.delenv(missing)
    forget_processes()
    with response_server() as server:
        module.handler(server.request("Create", **PROPERTIES), context)
        (answer,) = server.answers
        assert answer["Status"] == "FAILED"
        assert missing in answer["Reason"]
