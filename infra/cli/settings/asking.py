"""`signalengine init`: asks for the settings that matter, and writes the file that holds them."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from infra.errors import USAGE, CommandError
from infra.local.settings.table import SECTIONS, VARIABLES, Variable
from machine.files import write

QUESTIONS: Final = {
    "TELEGRAM_BOT_TOKEN": "Telegram bot's token, from @BotFather (empty: a local Telegram)",
    "TELEGRAM_CHAT_ID": "Telegram chat that receives the signals, from @userinfobot",
    "SYMBOLS": "Symbols: BTCUSDT,ETHUSDT, top:20 or all (empty: all of the source)",
    "OLLAMA_BASE_URL": "Ollama server that answers the chat (empty: answers by rules)",
    "OLLAMA_MODEL": "Its model",
    "AI_MODEL_PATH": "File of a trained model for scoring (empty: none)",
}  # fmt: skip
"""The questions, by the variable that takes the answer, in their order."""
ONLY_WITH: Final = {"TELEGRAM_CHAT_ID": "TELEGRAM_BOT_TOKEN", "OLLAMA_MODEL": "OLLAMA_BASE_URL"}
"""Questions that are asked only after an answer to another."""
NEEDED: Final = ("TELEGRAM_CHAT_ID",)
"""Questions without an empty answer."""
_PLAIN: Final = re.compile(r"[\w./:@,+~-]+")
Ask = Callable[[str, Variable], str]


def answers(ask: Ask, say: Callable[[str], None]) -> dict[str, str]:
    """Ask each question until its answer can be; return the variables that got one.

    `ask` returns what was answered, `say` prints why an answer cannot be.
    """
    found: dict[str, str] = {}
    for name, question in QUESTIONS.items():
        needs = ONLY_WITH.get(name)
        if needs is not None and needs not in found:
            continue
        answer = _answer(name, question, ask, say)
        if answer:
            found[name] = answer
    if "AI_MODEL_PATH" in found:
        found["AI_ENABLED"] = "true"
    return found


def _answer(name: str, question: str, ask: Ask, say: Callable[[str], None]) -> str:
    variable = VARIABLES[name]
    while True:
        given = ask(question, variable).strip()
        if not given and name not in NEEDED:
            return ""
        try:
            variable.read(given)
            _written(given)
        except ValueError as error:
            say(f"{'this' if variable.secret or not given else given} {error}")
            continue
        return given


def check_absent(path: Path, *, force: bool) -> None:
    """Raise CommandError if there is a file already."""
    if path.exists() and not force:
        raise CommandError(f"{path} exists", "--force writes it anew", USAGE)


def write_file(path: Path, values: Mapping[str, str]) -> None:
    """Write the file, readable by this user only."""
    write(path, "\n".join(lines(values)) + "\n", private=True)


def lines(values: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a file with every setting: those without a value as comments."""
    yield "# Settings of SignalEngine. `signalengine config` shows their effect."
    for section in SECTIONS:
        variables = [one for one in section.variables if one.place != "command"]
        if not variables:
            continue
        yield from ("", f"# --- {section.title} ---")
        for one in variables:
            yield f"# {one.help}"
            given = values.get(one.name, "")
            yield f"{one.name}={_written(given)}" if given else f"#{one.name}={one.default}"


def _written(value: str) -> str:
    """Return a value as it is read back from a file; raises ValueError for one that is not."""
    if not value.isprintable():
        raise ValueError("has characters that are not printable")
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
