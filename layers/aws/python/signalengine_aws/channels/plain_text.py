"""Messages of the core, which are simple HTML, as the text that people read (pure)."""

import html
import re
from typing import Final

_TAG: Final = re.compile(r"</?[a-z]+>")


def plain_text(source: str) -> str:
    """Return the text without its tags and entities."""
    return html.unescape(_TAG.sub("", source))
