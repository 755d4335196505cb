"""Where the benchmark files lie."""

from __future__ import annotations

from pathlib import Path

from molgen.data.catalogue import benchmark_folder


def benchmark_files() -> Path:
    """The folder that MOLGEN_DATA names, or the usual one; without either there is nothing to measure."""
    folder = benchmark_folder()
    if folder is None:
        raise SystemExit("no benchmark files: set MOLGEN_DATA to the folder that has them")
    return folder
