"""A program of one's own as a term: a docking, a model in another environment, anything that reads SMILES and prints numbers."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.data.library import Library
from molgen.score.base import Reading, Term

_SAID = 300  # characters of an error that are told


class Program(Term):
    """What a program of yours prints: it reads SMILES, one a line, and says a number for each, in their order.

    `command` is the program and its arguments, a list or one string; no shell reads it. The program is started for each batch and has it
    on its standard input. Of a line that it prints the first word counts; a line that is empty or begins with no number says that there
    is no value, as does an infinity. One that ends with another code than 0, or prints more or fewer lines, ends the run with what it
    said. A run that resumes knows the program by its command and by the bytes of the files that this names, the script and a receptor, say.

    >>> Program(command="awk '{ print length($1) }'", name="length").read(Library.of(["CCO", "C1"])).mean.tolist()
    [3.0, nan]
    """

    exact = True

    def __init__(self, *, command: str | Sequence[str], name: str = "program") -> None:
        self._command = words(command)
        if not self._command or not self._command[0]:
            raise MolgenError("no program is named", where=f"term {name!r}", fix='command = ["python", "score.py"]')
        program = self._command[0]
        if shutil.which(program) is None:
            problem = "can't be run" if os.path.isfile(program) else "no such program"
            raise MolgenError(problem, where=f"term {name!r}: {program}", fix="its path, or a name that a terminal here knows")
        known = [f"{os.path.basename(word)} {sha256(Path(word))}" if os.path.isfile(word) else word for word in self._command]
        super().__init__(name=name, about=f"program {known}")

    def measure(self, distinct: Library) -> Reading:
        asked = "".join(f"{smiles}\n" for smiles in distinct.smiles)
        done = subprocess.run(self._command, input=asked, capture_output=True, text=True, encoding="utf-8", errors="replace")
        where, told = f"term {self.name!r}: {self._command[0]}", done.stderr.strip()[-_SAID:]
        if done.returncode:
            raise MolgenError(f"ended with {done.returncode}" + (f": {told}" if told else ""), where=where)
        lines = done.stdout.splitlines()
        if len(lines) != len(distinct):
            fix = "print one line for each SMILES, in their order, and all else to standard error"
            raise MolgenError(f"said {len(lines)} lines of {len(distinct)} molecules", where=where, fix=fix)
        values = np.array(list(map(_number, lines)))
        return Reading.exact(np.where(np.isfinite(values), values, np.nan))


def words(command: str | Sequence[str]) -> list[str]:
    """The words of a command, told apart as a shell tells them; a MolgenError where a quote has no end.

    >>> words("dock --receptor 'my protein.pdbqt'")
    ['dock', '--receptor', 'my protein.pdbqt']
    """
    try:
        return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    except ValueError as error:
        raise MolgenError(f"{command!r} has {str(error).lower()}", where="command", fix='a list of words: ["python", "score.py"]') from None


def _number(line: str) -> float:
    try:
        return float(line.split()[0])
    except (IndexError, ValueError):
        return float("nan")
