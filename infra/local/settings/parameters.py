"""The parameters of the stack on this machine that the environment sets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .table import VARIABLES

_SAME: Final = {
    "LOG_LEVEL": "LogLevel", "TELEGRAM_RATE_LIMIT": "TelegramRateLimit",
    "ENABLE_PROMETHEUS": "EnablePrometheus", "AI_ENABLED": "AiEnabled",
    "OLLAMA_BASE_URL": "OllamaBaseUrl", "OLLAMA_MODEL": "OllamaModel",
}  # fmt: skip
"""Parameters by the variable that has the same values."""


def stack_parameters(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters by name; {} where the environment sets none."""
    given = {name: environ.get(name, "").strip() for name in _SAME}
    found = {_SAME[name]: _value(name, text) for name, text in given.items() if text}
    path = environ.get("AI_MODEL_PATH", "").strip()
    if "AiEnabled" in found and path:
        found["AiModelPath"] = str(Path(path).resolve())
    return found


def _value(name: str, text: str) -> str:
    """Return a value as the functions expect it; raises ValueError for one that cannot be."""
    means = VARIABLES[name].read(text)
    if isinstance(means, bool):
        return str(means).lower()
    return means if isinstance(means, str) else text
