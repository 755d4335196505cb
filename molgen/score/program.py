"""A program of one's own as a term: a docking, a model in another environment, anything that reads SMILES and prints numbers."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.base.leash import leashed
from molgen.data.library import Library
from molgen.score.base import Reading, Term


class Program(Term):
    """What a program of yours prints: it reads SMILES, one a line, and says a number for each, in their order.

    `command` is the program and its arguments, a list or one string; no shell reads it. The program is started for each batch and has it
    on its standard input. Of a line that it prints the first word counts; a line that is empty or begins with no number says that there
    is no value, as does an infinity. One that ends with another code than 0, or prints more or fewer lines, ends the run with what it
    said. It ends when the run does, but on Windows however that ends. A run that resumes knows the program by its command and by the
    bytes of the files that this names, after a = too: the script and a receptor, say, but no folders, and nothing that only the program
    knows of. So a file that the program writes is none to name here.

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
        super().__init__(name=name, about=f"program {list(map(_known, self._command))}")

    def measure(self, distinct: Library) -> Reading:
        where = f"term {self.name!r}: {self._command[0]}"
        try:
            ended = leashed(self._command, "".join(f"{smiles}\n" for smiles in distinct.smiles))
        except (OSError, ValueError) as error:  # too long a command, a letter that no command may have
            raise MolgenError(f"can't be run: {error}", where=where) from None
        if ended.code:
            how = f"ended with {ended.code}" if ended.code > 0 else f"was ended by signal {-ended.code}"
            raise MolgenError(how + (f": {ended.said}" if ended.said else ""), where=where)
        lines = ended.out.splitlines()
        if len(lines) != len(distinct):
            fix = "print one line for each SMILES, in their order, and all else to standard error"
            raise MolgenError(f"said {len(lines)} lines of {len(distinct)} molecules", where=where, fix=fix)
        values = np.array(list(map(_number, lines)), dtype=np.float64)
        if len(values) and np.isnan(values).all():
            logging.getLogger(__name__).warning("%s: none of %d lines begins with a number, the first is %r", where, len(lines), lines[0])
        return Reading.exact(np.where(np.isfinite(values), values, np.nan))


def words(command: str | Sequence[str], folder: Path = Path()) -> list[str]:
    """The words of a command, told apart as a shell tells them, files by their whole path; a MolgenError where a quote has no end.

    Files are meant from `folder`, those after a = too.

    >>> words("dock --receptor 'my protein.pdbqt'")
    ['dock', '--receptor', 'my protein.pdbqt']
    """
    try:
        said = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    except ValueError as error:
        raise MolgenError(f"{command!r} has {str(error).lower()}", where="command", fix='a list of words: ["python", "score.py"]') from None
    return ["".join(_with_file(word, folder)) for word in said]


def _with_file(word: str, folder: Path) -> tuple[str, str]:
    """A word in two: the whole path of the file that it names, and what stands before; no file at all is ""."""
    start, equals, end = word.partition("=")
    for before, name in (("", word), (start + equals, end)):
        if os.path.isfile(folder / name):
            return before, os.path.abspath(folder / name)
    return word, ""


def _known(word: str) -> str:
    """All that a run knows of a word: of a file its name and its bytes, wherever it is."""
    before, path = _with_file(word, Path())
    return f"{before}{os.path.basename(path)} {sha256(Path(path))}" if path else word


def _number(line: str) -> float:
    word = line.split()[0] if line.strip() else ""
    try:
        return float(word) if "_" not in word else float("nan")
    except ValueError:
        return float("nan")
