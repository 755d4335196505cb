"""The notebook runs from top to bottom, at a size for tests, with what is installed."""

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "benchmarks" / "campaign.ipynb"


def test_the_notebook_runs_and_shows_structures(monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("MOLGEN_NOTEBOOK", "small")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = "".join(str(output.get("data", {}).get("text/html", "")) for cell in notebook.cells for output in cell.get("outputs", []))
    assert shown.count("<svg") >= 20  # Library, Predictions and both Rankings show structures
