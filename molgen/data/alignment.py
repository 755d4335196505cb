"""How alike proteins are by local alignment, and which residue of one stands where another's does.

Smith & Waterman, J. Mol. Biol. 147 (1981) 195, with BLOSUM62, 12 for a gap and 1 for each residue more in it, by Opal's vectorised
code (Šošić, doi:10.5281/zenodo.1067421) through pyopal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GAP, _LONGER = 12, 1
_WORTH_COUNTING = 0.5  # of the share of residues in common, in likeness by score: below, two proteins have not so many


def alikeness(sequences: Sequence[str], references: Sequence[str]) -> NDArray[np.float32]:
    """[sequences, references], the score of the best local alignment over the geometric mean of the two proteins' own, in [0, 1].

    >>> one = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
    >>> alikeness([one], [one, one.replace("QLEERLGLIEVQ", "WWWWWWWWWWWW")]).round(1).tolist()
    [[1.0, 0.5]]
    """
    same = list(sequences) == list(references)
    scores = _among(sequences) if same else _scores(sequences, references)
    own = [np.array([_own_score(one) for one in many]) for many in (sequences, references)]
    return np.clip(scores / np.sqrt(np.maximum(np.outer(*own), 1.0)), 0.0, 1.0).astype(np.float32)  # 0 of unknown residues alone


def identical(sequences: Sequence[str], share: float = 0.6) -> list[int]:
    """[sequences], the first of each one's group: two are in one where the best local alignment pairs so large a share of the shorter
    one's residues with the same residue, and so are those that others join.

    >>> one = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
    >>> identical([one, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", one.replace("QISF", "AAAA")])
    [0, 1, 0]
    """
    from pyopal import Database

    aligner, near = _aligner(), np.triu(alikeness(sequences, sequences) >= _WORTH_COUNTING * share, 1)
    first = np.arange(len(sequences))
    for row, others in enumerate(near):
        there = np.flatnonzero(others).tolist()
        if not there:
            continue
        found = aligner.align(sequences[row], Database([sequences[i] for i in there]), mode="full", algorithm="sw")
        for one in found:
            other = there[one.target_index]
            if one.alignment.count("M") >= share * min(len(sequences[row]), len(sequences[other])):
                one_group = np.isin(first, first[[row, other]])
                first[one_group] = first[[row, other]].min()
    groups: list[int] = first.tolist()
    return groups


def stands_for(sequence: str, reference: str) -> NDArray[np.int64]:
    """[residues of the reference], the residue of the sequence that the best local alignment puts there, -1 for none; both from 0.

    >>> stands_for("WWWWMKTAYIAKQRQISFVKSHFSRQ", "MKTAYIAKQRQISFVKSHFSRQ")[:3].tolist()
    [4, 5, 6]
    """
    from pyopal import Database

    (found,) = _aligner().align(reference, Database([sequence]), mode="full", algorithm="sw")
    # Opal tells matches as M and X, residues of the sequence that the reference lacks as I, the other way round as D.
    steps = np.frombuffer(found.alignment.encode(), dtype="S1")
    there, here = (np.cumsum(steps != skipped) - 1 for skipped in (b"I", b"D"))
    both = (steps == b"M") | (steps == b"X")
    places = np.full(len(reference), -1, dtype=np.int64)
    places[found.query_start + there[both]] = found.target_start + here[both]
    return places


def _scores(sequences: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
    from pyopal import Database

    aligner, database = _aligner(), Database(list(references))
    scores = np.zeros((len(sequences), len(references)))
    for row, sequence in zip(scores, sequences):
        for found in aligner.align(sequence, database, mode="score", algorithm="sw"):
            row[found.target_index] = found.score
    return scores


def _among(sequences: Sequence[str]) -> NDArray[np.float64]:
    """The scores of each with each, every two aligned once."""
    from pyopal import Database

    aligner, database = _aligner(), Database(list(sequences))
    scores = np.zeros((len(sequences), len(sequences)))
    for row, sequence in enumerate(sequences):
        for found in aligner.align(sequence, database, mode="score", algorithm="sw", start=row):
            scores[row, found.target_index] = scores[found.target_index, row] = found.score
    return scores


def _own_score(sequence: str) -> float:
    """The score of a protein with itself: residue by residue, since none scores better with another than half of what both do with
    themselves, and a gap costs more than any letter that stands for none."""
    along = np.concatenate([[0.0], np.cumsum(_own_scores()[np.frombuffer(sequence.encode("ascii"), np.uint8)])])
    return float((along - np.minimum.accumulate(along)).max())


@cache
def _own_scores() -> NDArray[np.float64]:
    """By letter."""
    matrix = _matrix()
    scores = np.full(256, np.nan)
    for letter in matrix.alphabet:
        scores[ord(letter)] = matrix[letter, letter]
    return scores


def _aligner() -> Any:
    from pyopal import Aligner

    return Aligner(_matrix(), gap_open=_GAP, gap_extend=_LONGER)


def _matrix() -> Any:
    from scoring_matrices.lib import ScoringMatrix

    return ScoringMatrix.from_name("BLOSUM62")
