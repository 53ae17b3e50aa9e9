"""Every endpoint of the HTTP API, from the modules of `endpoints`.

`SERVED` are those of serve_api; the others have functions of their own.
"""

from typing import Any, Final, TypeAlias

from .endpoints import (
    chat,
    email,
    feed,
    feeds,
    market,
    performance,
    push,
    service,
    signals,
    strategies,
    swagger,
)
from .routing import Request, Route
from .services import Services

Document: TypeAlias = dict[str, Any]


def described(services: Services, _: Request) -> dict[str, Any]:
    """The contract of the API (OpenAPI 3.1), for generators of clients."""
    from .openapi import document
    from .operator_routes import OPERATOR_ROUTES

    return document((*ROUTES, *OPERATOR_ROUTES), version=services.env.code_version)


SERVED: Final[tuple[Route, ...]] = (
    *signals.ROUTES,
    *performance.ROUTES,
    *strategies.ROUTES,
    *market.ROUTES,
    *feed.ROUTES,
    *feeds.ROUTES,
    *service.ROUTES,
    *chat.ROUTES,
    Route(
        "/openapi.json", "This document", "Service", described, Document,
        max_age_s=swagger.ASSET_S, open=True,
    ),
    *swagger.ROUTES,
)  # fmt: skip
ROUTES: Final[tuple[Route, ...]] = (*SERVED, *email.ROUTES, *push.ROUTES)
