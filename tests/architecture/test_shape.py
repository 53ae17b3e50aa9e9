"""The shape of the source: one file a function, short functions, no scans, no leftovers."""

import ast

import pytest

from .source import (
    AWS,
    CORE,
    FUNCTIONS,
    INFRA,
    INGEST,
    MACHINE,
    RESEARCH,
    ROOT,
    calls,
    modules,
    short,
    tree,
)

EVERYTHING = modules(CORE, AWS, FUNCTIONS, INGEST, INFRA, RESEARCH, MACHINE)
HANDLER_LINES = 40
FUNCTION_LINES = 50
FILE_LINES = 500
LEFTOVERS = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}


def test_a_function_is_one_file() -> None:
    for folder in sorted(p for p in FUNCTIONS.iterdir() if p.is_dir()):
        files = {p.name for p in folder.iterdir() if p.name != "__pycache__"}
        assert files <= {"handler.py", "__init__.py"}, short(folder)


def test_a_handler_is_short() -> None:
    for path in FUNCTIONS.glob("*/handler.py"):
        found = [n for n in tree(path).body if isinstance(n, ast.FunctionDef)]
        (handler,) = (n for n in found if n.name == "handler")
        assert lines(handler) <= HANDLER_LINES, short(path)


def test_functions_are_short() -> None:
    long = [
        f"{short(path)}:{node.lineno} {node.name} has {lines(node)} lines"
        for path in EVERYTHING
        if RESEARCH not in path.parents  # a kernel that numba compiles whole may be long
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines(node) > FUNCTION_LINES
        and not is_a_list_of_parts(node)
    ]
    assert long == []


def test_files_are_short() -> None:
    sizes = {short(path): len(path.read_text().splitlines()) for path in EVERYTHING}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_no_module_is_named_for_leftovers() -> None:
    names = {name for path in EVERYTHING for name in (path.stem, *path.parent.parts)}
    assert names & LEFTOVERS == set()


SCANS = {
    "scan", "rate_limited_scan", "parallel_scan", "paginate", "get_paginator",
    "execute_statement", "batch_execute_statement", "execute_transaction",
}  # fmt: skip
"""Calls by which a table is read whole, or may be; a paginator hides what it pages through."""


def test_nobody_scans_a_table() -> None:
    for path in modules(AWS, FUNCTIONS):
        found = [line for line, name in calls(path) if name.split(".")[-1] in SCANS]
        assert found == [], f"{short(path)} scans: a query is bounded, a scan is not"
        words = {n.value for n in ast.walk(tree(path)) if isinstance(n, ast.Constant)}
        assert not words & {"Scan", "ExecuteStatement", "BatchExecuteStatement"}, short(path)


@pytest.mark.parametrize("folder", ["functions", "ingest_task", "infra", "layers", "tests", "web"])
def test_the_tree_has_its_top_level(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_a_list_of_parts(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A construct's constructor says what there is, one call after the other: it does nothing."""
    loops = (ast.For, ast.While, ast.If, ast.Try)
    return node.name == "__init__" and not any(isinstance(n, loops) for n in ast.walk(node))
