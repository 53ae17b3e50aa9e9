"""Words that are retired stay retired: in identifiers, headings and what people read.

The list is the second table of docs/glossary.md. Docstrings and comments are not searched: there a
word may stand in its ordinary sense.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .source import (
    AWS,
    CORE,
    FUNCTIONS,
    INFRA,
    INGEST,
    MACHINE,
    RESEARCH,
    ROOT,
    modules,
    short,
    tracked,
    tree,
)

GLOSSARY = ROOT / "docs" / "glossary.md"
PYTHON = modules(CORE, AWS, FUNCTIONS, INGEST, INFRA, RESEARCH, MACHINE)
TYPESCRIPT = sorted(p for p in tracked() if p.suffix in {".ts", ".tsx"} and "src" in p.parts)
PAGES = sorted(p for p in tracked() if p.suffix == ".md")
ALLOWED: dict[str, str] = {
    "standing_usd": "a field of the HTTP API",
}
"""Identifiers and texts that contain a retired word, each with its reason."""
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_TYPESCRIPT_NAME = re.compile(
    r"\b(?:function|class|interface|type|const|let|var|enum)\s+([A-Za-z_$][\w$]*)"
)
_TYPESCRIPT_TEXT = re.compile(r"\"([^\"\n]*)\"|`([^`]*)`|>([^<>{}\n]* [^<>{}\n]*)<")


@cache
def retired() -> frozenset[str]:
    """Return the retired words, from the glossary's table."""
    return words_of_table("## Retired words")


def words_of_table(heading: str) -> frozenset[str]:
    """Return the words in the first column of a table of the glossary."""
    section = GLOSSARY.read_text().partition(heading)[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = (row.split("|")[1] for row in rows)
    return frozenset(word.strip(" `").lower() for cell in cells for word in cell.split(","))


def test_the_glossary_lists_retired_words() -> None:
    assert {"told", "heard", "wishes", "desk", "strangers"} <= retired()


def test_no_identifier_uses_a_retired_word() -> None:
    found = [
        f"{short(path)}: {name}"
        for path in PYTHON
        for name in sorted(set(defined(tree(path))) | {path.stem})
        if words_of(name) & retired() and name not in ALLOWED
    ]
    found += [
        f"{short(path)}: {name}"
        for path in TYPESCRIPT
        for name in [path.stem, *_TYPESCRIPT_NAME.findall(path.read_text())]
        if words_of(name) & retired() and name not in ALLOWED
    ]
    assert found == []


def test_no_heading_uses_a_retired_word() -> None:
    found = [
        f"{short(path)}: {line}"
        for path in PAGES
        if path != GLOSSARY
        for line in path.read_text().splitlines()
        if line.startswith("#") and set(_WORD.findall(line.lower())) & retired()
    ]
    assert found == []


def test_no_text_for_people_uses_a_retired_word() -> None:
    found = [
        f"{short(path)}:{line}: {text}"
        for path in PYTHON
        for line, text in texts(tree(path))
        if set(_WORD.findall(text.lower())) & retired() and text not in ALLOWED
    ]
    found += [
        f"{short(path)}: {text}"
        for path in TYPESCRIPT
        for text in typescript_texts(path)
        if set(_WORD.findall(text.lower())) & retired() and text not in ALLOWED
    ]
    assert found == []


def test_no_screen_shows_an_inner_word() -> None:
    inner = words_of_table("## Inner words")
    assert {"fold", "hop"} <= inner
    found = [
        f"{short(path)}: {text}"
        for path in TYPESCRIPT
        for text in typescript_texts(path)
        if set(_WORD.findall(text.lower())) & inner
    ]
    found += [
        f"{short(path)}:{line}: {text}"
        for path in modules(CORE / "text")
        for line, text in texts(tree(path))
        if set(_WORD.findall(text.lower())) & inner
    ]
    assert found == []


def test_an_exception_is_still_needed() -> None:
    used = {name for path in PYTHON for name in defined(tree(path))}
    used |= {text for path in PYTHON for _, text in texts(tree(path))}
    used |= {text for path in TYPESCRIPT for text in typescript_texts(path)}
    used |= {name for path in TYPESCRIPT for name in _TYPESCRIPT_NAME.findall(path.read_text())}
    assert ALLOWED.keys() <= used


def defined(module: ast.Module) -> Iterator[str]:
    """Yield the names that a module defines: classes, functions, parameters, variables."""
    for node in ast.walk(module):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of more than one word that are not docstrings, with their lines."""
    for node in ast.walk(module):
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.Constant) or isinstance(node, ast.Expr):
                continue
            if isinstance(child.value, str) and " " in child.value.strip():
                yield child.lineno, child.value


def typescript_texts(path: Path) -> Iterator[str]:
    """Yield the strings of more than one word of a TypeScript file, comments left out."""
    code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(), flags=re.DOTALL)
    for found in _TYPESCRIPT_TEXT.finditer(code):
        text = next(text for text in found.groups() if text is not None)
        if " " in text:
            yield text


def words_of(name: str) -> set[str]:
    """Return the words that an identifier is made of: `toldAt` and `told_at` both hold told."""
    return {part.lower() for part in _PART.findall(name)}
