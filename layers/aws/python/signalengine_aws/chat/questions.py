"""What a question may be: for those that pass questions on, without the chat itself."""

import re
from typing import Final

MAX_MESSAGE_CHARS: Final = 500
SIGNAL_ID: Final = re.compile(r"[0-9a-f]{24}")


class MessageError(ValueError):
    """A message or history that cannot be used; the text is for the caller."""
