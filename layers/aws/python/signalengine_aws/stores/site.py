"""The dashboard's bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..runtime.aws_errors import mapped

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from ..application.deploy_site import SiteFile


class S3Site:
    """The objects of a bucket as the files of a site."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def archive(self, bucket: str, key: str) -> bytes:
        """Return an object of another bucket."""
        with mapped("read the site's archive"):
            return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        with mapped("read a file of the site"):
            return self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read()

    def put(self, file: SiteFile) -> None:
        with mapped("write the site"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=file.name,
                Body=file.body,
                ContentType=file.content_type,
                CacheControl=file.cache_control,
            )

    def names(self) -> list[str]:
        """Return the names of all files."""
        found: list[str] = []
        with mapped("list the site"):
            page = self._s3.list_objects_v2(Bucket=self._bucket)
            while True:
                found += [row["Key"] for row in page.get("Contents", [])]
                token = page.get("NextContinuationToken")
                if token is None:
                    return found
                page = self._s3.list_objects_v2(Bucket=self._bucket, ContinuationToken=token)

    def remove(self, name: str) -> None:
        with mapped("remove a file of the site"):
            self._s3.delete_object(Bucket=self._bucket, Key=name)
