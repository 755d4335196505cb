"""What a command says: talk and progress on standard error, results on standard output, unless a table goes there."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console as Rich
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from molgen.base.errors import MolgenError
from molgen.base.files import plain

_WIDE = 200  # letters of a line where no terminal says


class Console:
    """One command's voice; `quiet` keeps it to results, `json` makes the result one JSON object.

    `piped` says that standard output is a table for the next program: the result goes to standard error then.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False, piped: bool = False) -> None:
        self._json, self._quiet = json, quiet
        self._out = sys.stderr if piped else sys.stdout
        if isinstance(self._out, io.TextIOWrapper):  # what a locale has no letters for is no reason to end
            self._out.reconfigure(errors="backslashreplace")
        self._rich = Rich(stderr=True, quiet=quiet, highlight=False)
        self.refusal: MolgenError | None = None  # what ends the command once its result is told
        self.interrupted = False  # it was, and has a result all the same

    def say(self, message: str) -> None:
        """A line of talk."""
        self._rich.print(message, markup=False, emoji=False)

    def table(self, rows: list[dict[str, Any]], *, title: str = "") -> None:
        """Rows as a table for people: a result, unless the whole result is one JSON object."""
        if not rows:
            return
        # As text: a SMILES, a unit in brackets are no markup.
        names = dict.fromkeys(name for row in rows for name in row)  # a class has other metrics than a value
        shown = Table(*(Column(Text(name), overflow="fold") for name in names), title=Text(title) if title else None, title_justify="left")
        for row in rows:
            shown.add_row(*(Text(_short(row[name]) if name in row else "") for name in names))
        width = None if self._out.isatty() else _WIDE
        (self._rich if self._json else Rich(file=self._out, highlight=False, width=width)).print(shown)

    def page(self, markdown: str) -> None:
        """A page of Markdown: a result, unless the whole result is one JSON object."""
        if not self._json:
            self._out.write(markdown)

    @property
    def watched(self) -> bool:
        """Whether a person looks at the result, not a file or another program."""
        return not self._json and self._out.isatty()

    def section(self, title: str, words: Sequence[str]) -> None:
        """A heading and its sentences, for people."""
        Rich(file=self._out, highlight=False).print(Text(f"\n{title}", style="bold"), *(Text(f"- {one}") for one in words), sep="\n")

    def result(self, values: dict[str, Any]) -> None:
        """The command's result: ``name: value`` lines, or one JSON object."""
        if self._json:
            self._out.write(json.dumps(plain(values), allow_nan=False, ensure_ascii=False) + "\n")
            return
        for name, value in values.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                self.table(value, title=name)
            elif value is not None and not isinstance(value, dict):  # what is nested was shown as a table
                self._out.write(f"{name}: {_short(value)}\n")

    @contextmanager
    def progress(self, what: str) -> Iterator[Tracker]:
        """A bar while the block runs; with no end known, a count and its rate."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._rich, disable=self._quiet, transient=False) as bar:
            yield Tracker(bar, what)


class Tracker:
    """What a verb calls with how far it is."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar, self._what, self._start = bar, what, time.monotonic()
        self._before: int | None = None  # done when this process began
        self._task = bar.add_task(what, total=None)

    def count(self, done: int, what: str) -> None:
        """So many done, no end known."""
        rate = done / max(time.monotonic() - self._start, 1e-3)
        self._bar.update(self._task, completed=done, description=f"{self._what}: {what}, {rate:,.0f}/s")

    def reach(self, done: int, total: int | None, what: str) -> None:
        """So many done of about `total`; the rate is of this process's own work, not of what it found done."""
        self._before = done if self._before is None or what.startswith("found") else self._before
        rate = (done - self._before) / max(time.monotonic() - self._start, 1e-3)
        about = f"{self._what}: {what}" + (f", {rate:,.0f}/s" if rate else "")
        self._bar.update(self._task, completed=done, total=total if total and total >= done else None, description=about)

    def step(self, done: int, total: int, what: str = "") -> None:
        """`done` of `total`."""
        self._bar.update(self._task, completed=done, total=total, description=f"{self._what}: {what}" if what else self._what)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_short(item) for item in value)
    return str(value)
