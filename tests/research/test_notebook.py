"""The example notebook runs from its first cell to its last, and is stored without results."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.paths import ROOT
from tests.research.data.published import archive

NOTEBOOK = ROOT / "research" / "example.ipynb"
pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]


def test_the_notebook_is_stored_without_results() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert cell.cell_type == "markdown" or (cell.outputs == [] and not cell.execution_count)


def test_every_cell_of_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR", "SIGNALENGINE_DATA"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    book = nbformat.read(NOTEBOOK, as_version=4)
    with archive() as binance:
        monkeypatch.setenv("BINANCE_ARCHIVE_BASE", binance.base_url)
        NotebookClient(
            book,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "signals\nwin_rate" in printed
    assert "train_xgboost 0." in printed
