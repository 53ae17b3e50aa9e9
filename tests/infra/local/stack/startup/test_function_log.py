"""Functions that cannot start are found in the embedded AWS's log, each line once."""

from pathlib import Path

from infra.local.stack.startup.function_log import FunctionLog

FAILS = (
    "2026-01-05 [ERROR] Warm worker execution error for SignalEngine-score: Worker init failed: "
    "No module named 'numpy'\n"
)


def test_each_failure_is_found_once_also_when_its_line_arrives_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "aws.log"
    path.write_text("up\nLambda worker: fine\n")
    log = FunctionLog(path)
    assert list(log.problems()) == []
    with path.open("a") as file:
        file.write(FAILS[:60])
        file.flush()
        assert list(log.problems()) == []
        file.write(FAILS[60:] + "more\n")
    (found,) = log.problems()
    assert found.function == "SignalEngine-score"
    assert "No module named 'numpy'" in found.text
    assert str(path) in found.fix
    assert list(log.problems()) == []
