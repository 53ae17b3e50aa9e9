"""Experiments are recorded and found again."""

from pathlib import Path

from research.training.tracker import MlflowTracker, flattened
from tests.research.training.tables import trained


def test_an_experiment_is_recorded_and_found_again(tmp_path: Path) -> None:
    model, metrics = trained()
    tracker = MlflowTracker(tmp_path)
    run_id = tracker.record(name="first", parameters={"seed": 7}, metrics=metrics, model=model)
    (run,) = tracker.runs()
    assert (run["id"], run["name"], run["parameters"]) == (run_id, "first", {"seed": "7"})
    assert run["metrics"]["held_out.auc"] == metrics["held_out"]["auc"]
    artifacts = {path.name for path in tmp_path.rglob("artifacts/*")}
    assert artifacts == {"metrics.json", "model.txt"}


def test_nested_metrics_have_dotted_names() -> None:
    nested = {"a": 1, "b": {"c": 0.5, "d": {"e": True}, "f": [1, 2], "g": None}}
    assert dict(flattened(nested)) == {"a": 1.0, "b.c": 0.5, "b.d.e": 1.0}
