"""One module writes files, and text is UTF-8 whatever the machine's locale.

`machine.files` alone opens a file for writing or gives it its name. A call inside a block of
`with replacing(...)` writes the part that it gives, one inside `with TemporaryDirectory()` a file
that nobody else sees.
"""

import ast
from collections.abc import Iterator

import pytest

from .source import AWS, CORE, FUNCTIONS, INFRA, INGEST, MACHINE, RESEARCH, modules, short, tree

EVERYTHING = modules(CORE, AWS, FUNCTIONS, INGEST, INFRA, RESEARCH, MACHINE)
EXCEPTIONS = {
    "infra/assets.py: rename": "a folder, complete when it gets its name",
    "infra/assets.py: copytree": "into that folder",
    "infra/build/cdk.py: copytree": "what npm installs from, with its lock",
    "infra/build/dashboard.py: rename": "a folder, complete when it gets its name",
    "infra/build/markers.py: rename": "a folder, out of the way before it is removed",
    "infra/build/setup.py: NamedTemporaryFile": "a file of packages that one command reads",
    "infra/build/steps.py: open": "a lock, which a running tool holds too",
    "infra/local/storage/backup.py: rename": "a folder of data that is closed",
    "infra/local/storage/opening.py: fdopen": "a lock, with the id of the process that holds it",
    "infra/local/storage/opening.py: os.open": "a lock, with the id of the process that holds it",
    "infra/local/stack/assembly.py: rename": "a folder, complete when it gets its name",
    "infra/local/stack/private.py: fdopen": "a log, which is read while it grows",
    "infra/local/stack/private.py: os.open": "a log, which is read while it grows",
    "ingest_task/output/spool.py: open": "a queue, which is read while it grows",
    "ingest_task/connections/feed.py: replace": "a connection",
    "research/benchmarks/child.py: fdopen": "the standard output, which is no file",
    "infra/local/container/prepare.py: symlink_to": "a link in an image that is being built",
    "infra/local/stack/logs.py: replace": "gives an older log its next name",
    "infra/local/stack/shared_layers.py: rename": "in the scratch folder, which ends with the run",
    "infra/local/stack/shared_layers.py: symlink_to": "as above",
    "research/data/binance/client.py: open": "writes the part that its caller got from `replacing`",
}
BLOCKS = {"replacing", "TemporaryDirectory"}
"""Inside of which files may be written."""
WRITES = {
    "write_text", "write_bytes", "rename", "renames", "symlink_to", "hardlink_to", "copy2",
    "copyfile", "copytree", "to_csv", "to_feather", "to_parquet", "to_pickle", "to_excel",
    "savefig", "savetxt", "savez", "write_table", "write_feather", "write_csv", "tofile",
    "NamedTemporaryFile", "mkstemp", "os.replace", "shutil.copy", "shutil.move",
    "np.save", "pq.write_table",
}  # fmt: skip
"""Names of calls that write a file, make one, or give it its name; `open` is added by its mode."""
OPENS = {"open", "fdopen", "ZipFile", "GzipFile"}
MODE = set("rwxabt+")
CHANGES = set("wxa+")


def test_only_the_writer_writes() -> None:
    others = [path for path in EVERYTHING if MACHINE not in path.parents]
    found = {f"{short(path)}: {name}" for path in others for name in writes(tree(path))}
    assert found - EXCEPTIONS.keys() == set(), "use machine.files.write or .replacing"
    assert EXCEPTIONS.keys() - found == set(), "no longer needed"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.write_text(text, encoding='utf-8')", ["write_text"]),
        ("part.replace(target)", ["replace"]),
        ("text.replace('a', 'b'); moment.replace(tzinfo=UTC); replace(data, a=1)", []),
        ("open(path); path.open('rb'); gzip.open(path, 'rb')", []),
        ("open(path, 'w')", ["open"]),
        ("path.open(mode='ab')", ["open"]),
        ("gzip.open(path, 'wb')", ["open"]),
        ("zipfile.ZipFile(path, 'w')", ["ZipFile"]),
        ("os.open(path, os.O_RDONLY)", []),
        ("os.open(path, os.O_WRONLY | os.O_CREAT)", ["os.open"]),
        ("with replacing(target) as part, gzip.open(part, 'wb') as file: pass", []),
        ("with TemporaryDirectory() as folder: np.save(folder, values)", []),
    ],
)
def test_a_call_that_writes_is_found(code: str, found: list[str]) -> None:
    assert list(writes(ast.parse(code))) == found


def test_text_is_utf8() -> None:
    """Each call that reads or writes text names its encoding, also that of a child process."""
    found = [
        f"{short(path)}:{node.lineno}"
        for path in EVERYTHING
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and is_of_the_locale(node)
    ]
    assert found == []


def writes(node: ast.AST) -> Iterator[str]:
    """Yield the names of the calls that write, but for those inside the blocks."""
    if isinstance(node, ast.With) and any(
        name_of(item.context_expr) in BLOCKS for item in node.items
    ):
        return
    if isinstance(node, ast.Call) and (name := name_if_it_writes(node)):
        yield name
    for child in ast.iter_child_nodes(node):
        yield from writes(child)


def name_if_it_writes(call: ast.Call) -> str | None:
    whole = ast.unparse(call.func)
    last = whole.rpartition(".")[2]
    if whole == "os.open":
        flags = ast.unparse(call)
        return whole if any(flag in flags for flag in ("O_WRONLY", "O_RDWR", "O_CREAT")) else None
    if last in OPENS:
        return last if CHANGES & set(mode_of(call)) else None
    if last == "replace" and isinstance(call.func, ast.Attribute):
        return last if len(call.args) == 1 and not call.keywords else None
    if last == "rename" and isinstance(call.args[0], ast.Constant):
        return None  # a column of a frame
    return last if {whole, last} & WRITES else None


def mode_of(call: ast.Call) -> str:
    """Return the mode in which a call opens a file."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    texts = [one.value for one in given if isinstance(one, ast.Constant)]
    modes = [text for text in texts if isinstance(text, str) and set(text) <= MODE]
    return modes[-1] if modes else "r"


def is_of_the_locale(call: ast.Call) -> bool:
    """Return whether the encoding of a call's text is the machine's."""
    words = {word.arg: word.value for word in call.keywords}
    last = ast.unparse(call.func).rpartition(".")[2]
    if "encoding" in words or None in words:
        return False
    if last in ("text", "universal_newlines") or "text" in words:
        return last in ("run", "Popen", "check_output")
    if last == "read_text":
        of_a_package = "files(" in ast.unparse(call)  # importlib.resources: always UTF-8
        return not call.args and isinstance(call.func, ast.Attribute) and not of_a_package
    if last == "write_text":
        return True
    opens = last in ("open", "fdopen") and ast.unparse(call.func) in ("open", "os.fdopen")
    return opens and "b" not in mode_of(call)


def name_of(node: ast.expr) -> str:
    """Return the last part of the name of what is called."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
