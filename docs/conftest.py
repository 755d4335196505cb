"""The pages' examples run in an empty folder that holds the two files `index.md` makes."""

import re
from functools import cache
from pathlib import Path

import pytest


@cache
def making() -> str:
    """The lines of index.md that make measured.csv and library.csv."""
    page = (Path(__file__).parent / "index.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(>>> from molgen\.data\.catalogue.*?)```", page, re.DOTALL)
    assert block is not None, "index.md no longer says how its files are made"
    return "\n".join(line[4:] for line in block[1].splitlines() if line.startswith((">>> ", "... ")))


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(making(), {})
