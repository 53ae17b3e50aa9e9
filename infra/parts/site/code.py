"""The code of the CloudFront Functions: `*.js` of this folder, with the table and the stage."""

import json
from pathlib import Path
from typing import Final

from .routes import table

MOST_BYTES: Final = 10_240
"""Of a function's code, as CloudFront takes it."""
_FOLDER: Final = Path(__file__).parent
_TABLE: Final = "const ROUTES = {};"


def request_code() -> str:
    """Return the function that sends a request to the bucket or to the API."""
    rows = {name: value for name, value in table().items() if name != "feed"}
    filled = f"const ROUTES = {json.dumps(rows, separators=(',', ':'))};"
    return _read("viewer_request.js").replace(_TABLE, filled)


def feed_code(stage: str) -> str:
    """Return the function that sends a WebSocket to its API's stage."""
    return _read("viewer_feed.js").replace("STAGE", stage)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
