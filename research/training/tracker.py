"""The record of experiments: the settings, metrics and model of every training.

MLflow's own store in one SQLite file; `mlflow ui --backend-store-uri sqlite:///…` (of the full
mlflow package) shows it. Nothing leaves this machine.
"""

import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from machine.files import write

if TYPE_CHECKING:
    from research.training.trained import TrainedModel

FOLDER: Final = Path(".local/experiments")


class Tracker(Protocol):
    """Where experiments are recorded."""

    def record(
        self,
        *,
        name: str,
        parameters: Mapping[str, Any],
        metrics: Mapping[str, Any],
        model: "TrainedModel",
    ) -> str:
        """Record one experiment; returns its id."""
        ...


class MlflowTracker:
    """Experiments in a folder: `mlflow.db` and one folder of files a run."""

    def __init__(self, folder: Path | str = FOLDER, experiment: str = "signalengine") -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when mlflow is imported
        os.environ["MLFLOW_SQLALCHEMYSTORE_POOLCLASS"] = "NullPool"  # no connection stays open
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient  # takes seconds to import, and only recording needs it

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        self._folder = Path(folder).resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        address = f"sqlite:///{self._folder / 'mlflow.db'}"
        self._client = MlflowClient(address, registry_uri=self._folder.as_uri())
        known = self._client.get_experiment_by_name(experiment)
        self._experiment = (
            known.experiment_id
            if known
            else self._client.create_experiment(experiment, self._folder.as_uri())
        )

    def record(
        self,
        *,
        name: str,
        parameters: Mapping[str, Any],
        metrics: Mapping[str, Any],
        model: "TrainedModel",
    ) -> str:
        from mlflow.entities import Metric, Param  # as above

        run = self._client.create_run(self._experiment, run_name=name)
        run_id = str(run.info.run_id)
        self._client.log_batch(
            run_id,
            metrics=[
                Metric(key, number, run.info.start_time, 0) for key, number in flattened(metrics)
            ],
            params=[Param(key, str(value)) for key, value in parameters.items()],
        )
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "metrics.json", json.dumps(metrics, indent=1))
            model.save_model(Path(folder) / "model.txt")
            self._client.log_artifacts(run_id, folder)
        self._client.set_terminated(run_id)
        return run_id

    def runs(self) -> list[dict[str, Any]]:
        """Return the recorded runs, newest first: id, name, parameters, metrics."""
        found = self._client.search_runs([self._experiment], max_results=1000)
        return [
            {
                "id": run.info.run_id,
                "name": run.info.run_name,
                "parameters": dict(run.data.params),
                "metrics": dict(run.data.metrics),
            }
            for run in found
        ]


def flattened(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield the plain numbers of nested metrics by dotted name; lists stay in the JSON."""
    for key, value in metrics.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{key}", float(value)
