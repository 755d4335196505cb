"""How alike proteins are by local alignment, and which residue of one stands where another's does.

Smith & Waterman, J. Mol. Biol. 147 (1981) 195, with BLOSUM62, 12 for a gap and 1 for each residue more in it, by Opal's vectorised
code (Šošić, doi:10.5281/zenodo.1067421) through pyopal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GAP, _LONGER = 12, 1


def alikeness(sequences: Sequence[str], references: Sequence[str]) -> NDArray[np.float32]:
    """[sequences, references], the score of the best local alignment over the geometric mean of the two proteins' own, in [0, 1].

    >>> one = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
    >>> alikeness([one], [one, one.replace("QLEERLGLIEVQ", "WWWWWWWWWWWW")]).round(1).tolist()
    [[1.0, 0.5]]
    """
    scores = _scores(sequences, references)
    own = [np.array([_scores([one], [one])[0, 0] for one in many]) for many in (sequences, references)]
    return np.clip(scores / np.sqrt(np.outer(*own)), 0.0, 1.0).astype(np.float32)


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


def _aligner() -> Any:
    from pyopal import Aligner
    from scoring_matrices.lib import ScoringMatrix

    return Aligner(ScoringMatrix.from_name("BLOSUM62"), gap_open=_GAP, gap_extend=_LONGER)
