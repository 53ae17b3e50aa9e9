"""The parameters of the stack on this machine that the environment sets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SAME: Final = {
    "LOG_LEVEL": "LogLevel", "TELEGRAM_RATE_LIMIT": "TelegramRateLimit",
    "ENABLE_PROMETHEUS": "EnablePrometheus", "AI_ENABLED": "AiEnabled",
    "OLLAMA_BASE_URL": "OllamaBaseUrl", "OLLAMA_MODEL": "OllamaModel",
}  # fmt: skip
"""Parameters by the variable that has the same values."""
_UPPER: Final = ("LOG_LEVEL",)
_LOWER: Final = ("ENABLE_PROMETHEUS", "AI_ENABLED")


def stack_parameters(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters by name; {} where the environment sets none."""
    given = {name: environ.get(name, "").strip() for name in _SAME}
    found = {_SAME[name]: _cased(name, text) for name, text in given.items() if text}
    path = environ.get("AI_MODEL_PATH", "").strip()
    if "AiEnabled" in found and path:
        found["AiModelPath"] = str(Path(path).resolve())
    return found


def _cased(name: str, text: str) -> str:
    """Return a value in the case that the functions expect."""
    if name in _UPPER:
        return text.upper()
    return text.lower() if name in _LOWER else text
