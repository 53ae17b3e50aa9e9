"""Uploads the built dashboard to its bucket, with the addresses that the page uses."""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.build.dashboard import STAMP


def upload_site(s3: Any, bucket: str, dist: Path, config: Mapping[str, Any]) -> None:
    """Upload every file of `dist`, and `config` as `config.json`, which is never cached."""
    for path in sorted(p for p in dist.rglob("*") if p.is_file() and p.name != STAMP):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        s3.put_object(
            Bucket=bucket,
            Key=path.relative_to(dist).as_posix(),
            Body=path.read_bytes(),
            ContentType=kind,
        )
    s3.put_object(
        Bucket=bucket,
        Key="config.json",
        Body=json.dumps(config).encode(),
        ContentType="application/json",
        CacheControl="no-store",
    )
