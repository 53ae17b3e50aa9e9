"""An exchange is a folder behind the port: outside of it nothing names the exchange."""

from pathlib import Path

import pytest
from signalengine.exchanges.registry import EXCHANGES as REGISTERED

from .source import AWS, CORE, INGEST, imports, modules, short

EXCHANGES = CORE / "exchanges"
FOLDERS = sorted(path for path in EXCHANGES.iterdir() if (path / "exchange.py").is_file())
FILES = {
    "__init__.py", "exchange.py", "streams.py", "rest.py", "frames.py", "messages.py",
    "contracts.py", "fields.py",
}  # fmt: skip
"""The files of an exchange's folder."""
ALLOWED = {
    "layers/core/python/signalengine/exchanges/registry.py": "it lists the exchanges by name",
    "layers/core/python/signalengine/text/symbol_reader.py": "charts prefix symbols with its name",
    "layers/core/python/signalengine/text/replies.py": "the bot names the market it is about",
    "layers/aws/python/signalengine_aws/channels/words.py": "messages link its pages",
    "layers/aws/python/signalengine_aws/channels/webhook/templates.py": "as TradingView names it",
    "layers/aws/python/signalengine_aws/chat/engine.py": "the prompt names the market",
}
"""Modules outside of its folder that may name an exchange, each with its reason."""


def names(path: Path) -> set[str]:
    """Return the exchanges that a module names."""
    text = path.read_text().lower()
    return {folder.name for folder in FOLDERS if folder.name in text}


def test_each_registered_exchange_is_a_folder_with_the_same_files() -> None:
    assert {folder.name for folder in FOLDERS} == set(REGISTERED)
    for folder in FOLDERS:
        assert {path.name for path in folder.glob("*.py")} == FILES, short(folder)


def test_an_exchange_is_named_in_its_own_folder_only() -> None:
    outside = [p for p in modules(CORE, AWS, INGEST) if p.parent not in FOLDERS]
    found = {short(path) for path in outside if names(path)}
    assert found <= ALLOWED.keys(), sorted(found - ALLOWED.keys())
    assert ALLOWED.keys() <= found, "an exception is not needed any more"


@pytest.mark.parametrize("part", [CORE / "bars", INGEST], ids=["bars", "ingest_task"])
def test_bars_and_the_ingest_task_import_the_port_and_no_exchange(part: Path) -> None:
    allowed = ("signalengine.exchanges.port", "signalengine.exchanges.registry")
    for path in modules(part):
        found = [
            name
            for name in imports(path)
            if name.startswith("signalengine.exchanges.") and not name.startswith(allowed)
        ]
        assert found == [], short(path)


def test_the_port_imports_no_exchange() -> None:
    text = (EXCHANGES / "port.py").read_text()
    assert not [folder.name for folder in FOLDERS if f".{folder.name}" in text]
