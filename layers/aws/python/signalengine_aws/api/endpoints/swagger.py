"""The Swagger page and its files."""

from typing import Final

from .. import swagger
from ..routing import Route

ASSET_S: Final = 3_600
"""Cache time of what changes with a deployment only."""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/swagger", "Swagger UI of this document", "Service", lambda *_: swagger.page(),
        max_age_s=ASSET_S, open=True, kinds=("text/html",),
    ),
    Route(
        "/swagger/ui.js", "Script of the Swagger UI", "Service", lambda *_: swagger.script(),
        max_age_s=ASSET_S, open=True, kinds=("text/javascript",),
    ),
    Route(
        "/swagger/start.js", "Start script of the Swagger UI", "Service",
        lambda *_: swagger.start(), max_age_s=ASSET_S, open=True, kinds=("text/javascript",),
    ),
    Route(
        "/swagger/ui.css", "Style sheet of the Swagger UI", "Service", lambda *_: swagger.style(),
        max_age_s=ASSET_S, open=True, kinds=("text/css",),
    ),
)  # fmt: skip
