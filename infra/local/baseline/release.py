"""The files of the baseline: written from a release, and deployed into an embedded AWS."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeAlias

from signalengine_aws.stores.rate_limits import PER_CALLER, DynamoLimits
from signalengine_aws.stores.tables import MODELS

from infra.assets import ROOT
from infra.settings import ONLY
from machine.files import write

from ..chaos.model.bench import Bench
from ..stack.assembly import Assembly
from ..stack.aws import ASSETS, EmbeddedAws

FOLDER: Final = ROOT / "tests" / "infra" / "baseline"
MARKET, MINUTES, ITEMS = 0, 6, 5
"""What the items are of: minutes of a small market, and so many items a table at most."""
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")
NO_DIGEST: Final = "0" * 64
"""In place of the digests of assets, which no later release has."""
Items: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]


def write_baseline(assembly: Assembly, folder: Path = FOLDER) -> None:
    """Write the templates and the items of this release."""
    for name, template in (("data", assembly.data), ("code", assembly.template)):
        write(folder / f"{name}.json", _lines(normalised(template)))
    write(folder / "items.json", _lines(stored_items()))
    write(folder / "release.json", json.dumps({"version": version("signalengine")}) + "\n")


def normalised(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template without what changes with every build."""
    text = _DIGEST.sub(NO_DIGEST, json.dumps(template))
    found: dict[str, Any] = json.loads(text)
    for resource in found["Resources"].values():
        variables = resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
        if "CODE_VERSION" in variables:
            variables["CODE_VERSION"] = "baseline"
    return found


def stored_items() -> dict[str, list[dict[str, Any]]]:
    """Return items of every table, by its output's name, as JSON-ready values."""
    with Bench().installed() as bench:
        tables = bench.played(MARKET, MINUTES).account.dynamodb.tables
        DynamoLimits("calls_table", lambda: bench.account.now).take("client", PER_CALLER)
        return {
            variable: [
                _by_text(item) for item in list(tables[variable.lower()].items.values())[-ITEMS:]
            ]
            for variable in MODELS
        }


def template_of(name: str) -> dict[str, Any]:
    """Return a template of the baseline: data or code."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def items() -> Items:
    """Return the baseline's items, by the variable of their table, as clients take them."""
    text = (FOLDER / "items.json").read_text(encoding="utf-8")
    return {name: [_by_bytes(one) for one in rows] for name, rows in json.loads(text).items()}


def deploy_baseline(
    aws: EmbeddedAws, assembly: Assembly, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Deploy the baseline's templates into an embedded AWS; returns the outputs.

    Its code is not there any more: all its functions and layers are some file of this release.
    """
    some = next(path for path in assembly.files().values() if path.suffix == ".zip")
    s3 = aws.bootstrap()
    s3.put_object(Bucket=ASSETS, Key=f"{NO_DIGEST}.zip", Body=some.read_bytes())
    outputs: dict[str, str] = {}
    for stack, name in zip(ONLY.stacks, ("data", "code"), strict=True):
        template = template_of(name)
        key = f"baseline-{name}.json"
        s3.put_object(Bucket=ASSETS, Key=key, Body=json.dumps(template).encode())
        known = {one: text for one, text in parameters.items() if one in template["Parameters"]}
        outputs = aws.deploy_template(stack, f"{aws.endpoint}/{ASSETS}/{key}", known)
    return outputs


def put_items(aws: EmbeddedAws, outputs: Mapping[str, str]) -> None:
    """Store the baseline's items in the tables that a deployment has."""
    dynamodb = aws.client("dynamodb")
    for variable, rows in items().items():
        for item in rows:
            dynamodb.put_item(TableName=outputs[output_of(variable)], Item=item)


def output_of(variable: str) -> str:
    """Return the output with a table's name: STATE_TABLE is StateTable."""
    return "".join(word.capitalize() for word in variable.split("_"))


def _by_text(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": b64encode(value["B"]).decode()} if "B" in value else dict(value)
        for name, value in sorted(item.items())
    }


def _by_bytes(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }


def _lines(document: Mapping[str, Any]) -> str:
    """Return JSON with a line for each entry of each part, so that a change of it can be read."""
    parts = []
    for name, part in document.items():
        if isinstance(part, dict | list) and part:
            rows = part.items() if isinstance(part, dict) else enumerate(part)
            is_object = isinstance(part, dict)
            lines = [
                (f"{json.dumps(key)}: " if is_object else "") + json.dumps(value)
                for key, value in rows
            ]
            begin, end = ("{", "}") if is_object else ("[", "]")
            parts.append(f"{json.dumps(name)}: {begin}\n" + ",\n".join(lines) + f"\n{end}")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(part)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
