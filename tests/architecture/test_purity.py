"""The core never asks what time it is, what the weather is, or where it runs."""

from .source import CORE, calls, imports, modules, short

# Clock, chance, environment, input and output. `importlib.resources` reads the policy file that
# belongs to the code; `datetime` may turn a given time into words, but not say which one it is.
IMPURE = {
    "asyncio", "boto3", "botocore", "getpass", "io", "locale", "logging", "multiprocessing", "os",
    "pathlib", "platform", "random", "requests", "sched", "secrets", "shutil", "signal", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid", "warnings",
}  # fmt: skip
IMPURE_CALLS = ("open", "print", "input", "datetime.now", "datetime.today", "datetime.utcnow")


def test_the_core_imports_nothing_impure() -> None:
    for path in modules(CORE):
        found = {name.split(".")[0] for name in imports(path)} & IMPURE
        assert found == set(), short(path)


def test_the_core_calls_nothing_impure() -> None:
    for path in modules(CORE):
        for line, name in calls(path):
            called = name.endswith(tuple(f".{bad}" for bad in IMPURE_CALLS if "." in bad))
            assert name not in IMPURE_CALLS, f"{short(path)}:{line} calls {name}"
            assert not called, f"{short(path)}:{line} calls {name}"
