"""Scores on disk as they are made: what a search that was killed goes on from, and what a longer one begins with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from molgen.base.claim import claimed
from molgen.base.files import write_json
from molgen.data.library import Library
from molgen.score.folder import SEARCH, same_request
from molgen.score.objective import Objective
from molgen.score.scores import Scores

_IDENTITY = "identity.json"


class Journal:
    """An objective that writes down what it says, one line a batch, and says what is written there without being asked again.

    A search is decided by its request and by the scores. Begun again with both it proposes what it proposed before, and asks the objective
    nothing until it is past where it stopped. Scores are kept by SMILES, as the objective is told them. A line that a kill or a power cut
    left in half is as if it had not been written.
    """

    def __init__(self, objective: Objective, path: Path) -> None:
        self._objective, self._path = objective, path
        self._batches: list[Scores] = []
        self._places: dict[str, tuple[int, int]] = {}  # SMILES -> batch, row of it
        for line in _lines(path):
            with suppress(ValueError, KeyError, TypeError):  # what a failing disk left is scored anew
                told = json.loads(line)
                self._remember(told["smiles"], Scores.of_json(objective.names, told))

    @classmethod
    @contextmanager
    def opened(cls, objective: Objective, folder: Path, asked: Mapping[str, Any]) -> Iterator[Journal]:
        """The journal in a run's folder, which is this run's alone while the block runs.

        A MolgenError where another run is at work, or where what was scored there was asked for otherwise.
        """
        scored = folder / SEARCH
        identity = scored.with_name(_IDENTITY)
        with claimed(scored.parent, stays=False):
            if scored.is_file():
                same_request(identity, asked, folder)
            else:
                write_json(identity, asked)
            try:
                yield cls(objective, scored)
            finally:
                if not scored.exists():  # nothing was scored: the folder is whoever's asks next
                    identity.unlink(missing_ok=True)

    def score(self, library: Library) -> Scores:
        """What the objective says of these molecules, distinct and valid ones: now, or before."""
        new = [row for row, smiles in enumerate(library.smiles) if smiles not in self._places]
        if new:
            asked = library if len(new) == len(library) else library.take(new)
            told = self._objective.score(asked).to_json()
            self._write({"smiles": asked.smiles, **told})
            scores = Scores.of_json(self._objective.names, told)  # as a run that goes on will read it
            self._remember(asked.smiles, scores)
            if asked is library:
                return scores
        return Scores.joined([self._batches[batch].take([row]) for batch, row in map(self._places.__getitem__, library.smiles)])

    def _remember(self, smiles: Sequence[str], scores: Scores) -> None:
        self._places |= {text: (len(self._batches), row) for (row, text), _ in zip(enumerate(smiles), scores.total, strict=True)}
        self._batches.append(scores)

    def _write(self, told: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _lines(path: Path) -> list[bytes]:
    """Those that are whole; from now on the file ends with one."""
    if not path.exists():
        return []
    whole, newline, half = path.read_bytes().rpartition(b"\n")
    if half:
        os.truncate(path, len(whole) + len(newline))
    return whole.splitlines()
