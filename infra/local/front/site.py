"""The dashboard's files, with the headers that they have on AWS."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from signalengine_aws.application.deploy_site import ENTRY, config_file, site_file

from infra.parts.site.routes import table
from infra.parts.site.security import MORE, content_policy

from .reports import REPORTS

CHAT: Final = "/telegram/"
"""The local Telegram's page."""
CHANNELS: Final = "/channels/"
"""The page of what the stand-ins of channels received."""


def page_config(*, chat: bool, market: str) -> dict[str, Any]:
    """Return the page's addresses and market; `chat`: there is a local Telegram (pure)."""
    return {
        "name": "local",
        "httpUrl": f"/{table()['prefix']}",
        "webSocketUrl": table()["feed"],
        "telegramUrl": CHAT if chat else None,
        "reportsUrl": REPORTS,
        "market": market,
    }


class Site:
    """A folder of built files, read when they are requested."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder.resolve()
        self._made = config_file(config)
        page = (self._folder / ENTRY).read_text(encoding="utf-8")
        self.headers: Final = {
            **MORE,
            "Content-Security-Policy": content_policy(page),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        """Of every answer that has none of its own."""

    def answer(self, path: str) -> web.Response:
        """Return a file by its path, or 404."""
        name = path.removeprefix("/")
        body = self._made[name] if name in self._made else self._read(name)
        if body is None:
            return web.Response(status=404, text="404: there is no such file")
        file = site_file(name, body)
        headers = {"Content-Type": file.content_type, "Cache-Control": file.cache_control}
        return web.Response(body=file.body, headers=headers)

    def _read(self, name: str) -> bytes | None:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            return None
        return path.read_bytes()
