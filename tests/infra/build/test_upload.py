"""The dashboard's upload: every file with its type, and a configuration that is never cached."""

import json
from pathlib import Path

import boto3
from moto import mock_aws

from infra.build.upload import upload_site


def test_every_file_is_uploaded_with_its_type(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>x</title>")
    (tmp_path / "assets" / "app.css").write_text("a{}")
    (tmp_path / ".hash").write_text("not part of the site")
    with mock_aws():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="site")
        upload_site(s3, "site", tmp_path, {"httpUrl": "http://a"})
        keys = {row["Key"] for row in s3.list_objects_v2(Bucket="site")["Contents"]}
        assert keys == {"index.html", "assets/app.css", "config.json"}
        page = s3.get_object(Bucket="site", Key="index.html")
        assert page["ContentType"] == "text/html"
        assert s3.get_object(Bucket="site", Key="assets/app.css")["ContentType"] == "text/css"
        config = s3.get_object(Bucket="site", Key="config.json")
        assert (config["CacheControl"], json.loads(config["Body"].read())) == (
            "no-store", {"httpUrl": "http://a"},
        )  # fmt: skip
