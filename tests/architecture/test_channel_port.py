"""The delivery knows no channel: adding one changes no file of it."""

import ast
from pathlib import Path

import pytest
from signalengine_aws.runtime.channels import CHANNELS as REGISTRY
from signalengine_aws.runtime.channels import QUEUES

from .graph import graph
from .source import AWS, modules, short, tree

DELIVERY = modules(AWS / "delivery")
CHANNELS = sorted(
    path.name for path in (AWS / "channels").iterdir() if (path / "channel.py").is_file()
)


def test_the_registry_has_every_channel_and_each_queue_its_own_key() -> None:
    assert sorted(REGISTRY) == CHANNELS
    assert set(REGISTRY.values()) == set(QUEUES)
    assert len(set(QUEUES.values())) == len(QUEUES)


@pytest.mark.parametrize("path", [*DELIVERY, AWS / "ports.py"], ids=lambda path: path.stem)
def test_no_file_of_the_delivery_names_a_channel(path: Path) -> None:
    text = path.read_text().lower()
    assert [name for name in CHANNELS if name in text] == []


def test_the_delivery_imports_no_channel_and_renders_nothing() -> None:
    above = ("signalengine_aws.channels", "signalengine.text")
    found = [
        f"{name} -> {target}"
        for name, targets in graph().items()
        if name.startswith("signalengine_aws.delivery")
        for target in targets
        if target.startswith(above)
    ]
    assert found == []


@pytest.mark.parametrize("path", modules(AWS / "application"), ids=lambda path: path.stem)
def test_the_constructor_of_a_use_case_takes_ports(path: Path) -> None:
    """No parameter is typed by an adapter; wiring functions build adapters elsewhere."""
    adapters = ("Dynamo", "Sqs", "Sns", "ApiSockets", "ApiTokenAuth", "TelegramClient")
    found = [
        f"{short(path)}: {node.name}({argument.arg})"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        for argument in [*node.args.args, *node.args.kwonlyargs]
        if argument.annotation is not None
        and any(name in ast.unparse(argument.annotation) for name in adapters)
    ]
    assert found == []
