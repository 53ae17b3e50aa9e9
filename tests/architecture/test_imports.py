"""Who may import whom: functions and ingest_task → aws → core; research → core."""

from pathlib import Path

import pytest

from .source import AWS, CORE, FUNCTIONS, INFRA, INGEST, MACHINE, RESEARCH, imports, modules, short

OURS = (
    "signalengine",
    "signalengine_aws",
    "functions",
    "ingest_task",
    "infra",
    "research",
    "machine",
)
RUNS_LOCALLY = [INFRA / "local", INFRA / "cli"]
WRITES_DOCS = INFRA / "build" / "api_docs.py"  # made of the routes; no deployment imports it
PROVISIONS = sorted(
    path
    for path in modules(INFRA)
    if path != WRITES_DOCS and not any(folder in path.parents for folder in RUNS_LOCALLY)
)


def ours(path: Path) -> set[str]:
    """The packages of this project that a module imports."""
    return {name.split(".")[0] for name in imports(path)} & set(OURS)


@pytest.mark.parametrize(
    ("paths", "allowed"),
    [
        (modules(CORE), {"signalengine"}),
        (modules(AWS), {"signalengine", "signalengine_aws"}),
        (modules(FUNCTIONS), {"signalengine", "signalengine_aws"}),
        (modules(INGEST), {"signalengine", "signalengine_aws", "ingest_task"}),
        (modules(MACHINE), {"machine"}),
        (modules(RESEARCH), {"signalengine", "machine", "research"}),
        (PROVISIONS, {"infra", "machine", "signalengine"}),
        (modules(*RUNS_LOCALLY), set(OURS) - {"functions"}),
    ],
    ids=["core", "aws", "functions", "ingest_task", "machine", "research", "infra", "local"],
)
def test_a_part_imports_only_what_lies_below_it(paths: list[Path], allowed: set[str]) -> None:
    for path in paths:
        assert ours(path) <= allowed, short(path)


def test_a_construct_never_reaches_into_the_local_run() -> None:
    for path in PROVISIONS:
        found = [name for name in imports(path) if name.startswith(("infra.local", "infra.cli"))]
        assert found == [], short(path)


def test_functions_import_none_of_each_other() -> None:
    for path in modules(FUNCTIONS):
        assert not [name for name in imports(path) if name.startswith("functions.")], short(path)


def test_what_runs_in_lambda_needs_no_package_that_lambda_lacks() -> None:
    """The vendor layer, and botocore, which the runtime brings; nothing from the tests' groups."""
    foreign = {
        "aiohttp", "aws_cdk", "boto3", "numba", "numpy", "pandas", "psutil", "pyarrow", "requests",
        "rich", "talib", "typer",
    }  # fmt: skip
    lambda_only = [path for path in modules(CORE, AWS, FUNCTIONS) if path.name != "kinesis.py"]
    for path in lambda_only:
        assert {name.split(".")[0] for name in imports(path)}.isdisjoint(foreign), short(path)
