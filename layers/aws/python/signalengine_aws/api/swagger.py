"""The Swagger page, made of the Swagger UI files in Powertools.

The page loads nothing from other origins; its addresses are relative, so it works below any path.
"""

from functools import cache
from pathlib import Path
from typing import Final

import aws_lambda_powertools

from .routing import Text

_FILES: Final = (
    Path(aws_lambda_powertools.__file__).parent / "event_handler" / "openapi" / "swagger_ui"
)
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SignalEngine API</title>
<link rel="stylesheet" href="swagger/ui.css">
</head>
<body>
<div id="swagger"></div>
<script src="swagger/ui.js"></script>
<script src="swagger/start.js"></script>
</body>
</html>
"""
START: Final = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content security policy: the page may load from this API only."""


def page() -> Text:
    return Text(PAGE, "text/html; charset=utf-8", {"Content-Security-Policy": POLICY})


def start() -> Text:
    return Text(START, "text/javascript; charset=utf-8")


def script() -> Text:
    return Text(_file("swagger-ui-bundle.min.js"), "text/javascript; charset=utf-8")


def style() -> Text:
    return Text(_file("swagger-ui.min.css"), "text/css; charset=utf-8")


@cache
def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
