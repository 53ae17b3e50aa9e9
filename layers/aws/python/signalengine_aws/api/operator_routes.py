"""The operator's endpoints, which change_settings answers."""

from typing import Final

from .endpoints import operator
from .routing import Route

OPERATOR_ROUTES: Final[tuple[Route, ...]] = operator.ROUTES
