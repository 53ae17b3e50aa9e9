"""The view of the settings."""

import io

from rich.console import Console

from infra.cli.settings.listing import settings
from infra.cli.views.page import Page
from infra.cli.views.settings import settings as view


def test_each_setting_is_shown_with_value_source_and_help() -> None:
    console = Console(width=70, record=True, file=io.StringIO())
    document = settings(None, "BTCUSDT", None, {"REDIS_URL": "x", "AI_ENABLED": "true"})
    Page(console=console).print(view(document, Page(console=console)))
    text = console.export_text()
    assert "BTCUSDT  option" in text
    assert "true  environment" in text
    assert "! REDIS_URL has no use" in text
    assert all(row["name"] in text for row in document["settings"])
