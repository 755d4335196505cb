"""The residues around the ATP site of a protein kinase, found by alignment: what an inhibitor of it sees.

The eighty-five places are those of KLIFS (van Linden et al., J. Med. Chem. 57 (2014) 249; Kanev et al., Nucleic Acids Res. 49 (2021)
D562). Kinases that are hardly alike are not aligned with each other: places go from ABL1 to the kinase most like it and on from
there, each kinase taking them from the one most like it among those that have them, along what is a spanning tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.data.alignment import alikeness, stands_for
from molgen.features.residues import WIDTH, described

PLACES = 85
ABL1 = (  # the kinase domain of human ABL1, UniProt P00519
    "ITMKHKLGGGQYGEVYEGVWKKYSLTVAVKTLKEDTMEVEEFLKEAAVMKEIKHPNLVQLLGVCTREPPFYIITEFMTYGNLLDYLRECNRQEVNAVVLLYMATQISSAMEYLEKKNFIHRDLAARN"
    "CLVGENHLVKVADFGLSRLMTGDTYTAHAGAKFPIKWTAPESLAYNKFSIKSDVWAFGVLLWEIATYGMSPYPGIDLSQVYELLEKDYRMERPEGCPEKVYELMRACWQWNPSDRPSFAEIHQAFET"
    "MFQESSISDEVEKELGKQ"
)
# Stretches of it that make up the pocket, first residue and number of residues.
_STRETCHES = ((4, 13), (26, 6), (40, 13), (54, 9), (70, 18), (111, 19), (137, 7))
_ENOUGH = 60  # places found, below which a protein is taken for no kinase of this fold


@dataclass(frozen=True, eq=False)
class Pockets:
    """Kinases whose pockets are known, to find others' by."""

    sequences: tuple[str, ...]
    places: NDArray[np.int64]  # [sequences, PLACES], residues from 0; -1 for none

    @classmethod
    def among(cls, sequences: Sequence[str], alike: NDArray[np.float32] | None = None) -> Pockets:
        """ABL1 and the kinases among these distinct proteins; quicker if it is known how alike they are."""
        every = [ABL1, *(sequence for sequence in sequences if sequence != ABL1)]
        if alike is None or ABL1 in sequences:
            alike = alikeness(every, every)
        else:
            first = alikeness([ABL1], every)
            alike = np.concatenate([first, np.concatenate([first[:, 1:].T, alike], axis=1)])
        places = np.full((len(every), PLACES), -1, dtype=np.int64)
        places[0] = np.concatenate([np.arange(start, start + count) for start, count in _STRETCHES])
        done = np.arange(len(every)) == 0
        nearest, taken_from = alike[0].copy(), np.zeros(len(every), dtype=np.int64)
        for _ in every[1:]:
            kinase = int(np.argmax(np.where(done, -1.0, nearest)))
            places[kinase] = _taken(every[kinase], every[taken_from[kinase]], places[taken_from[kinase]])
            done[kinase] = True
            closer = (alike[kinase] > nearest) & (_count(places[kinase]) >= _ENOUGH)
            nearest[closer], taken_from[closer] = alike[kinase][closer], kinase
        kept = np.flatnonzero(_count(places) >= _ENOUGH)
        return cls(tuple(every[i] for i in kept), places[kept])

    def letters(self, sequences: Sequence[str]) -> list[str]:
        """The pocket of each protein as text, "-" where a place is empty; all empty for what is no kinase."""
        own = {sequence: places for sequence, places in zip(self.sequences, self.places)}
        new = [sequence for sequence in dict.fromkeys(sequences) if sequence not in own]
        nearest = alikeness(new, self.sequences).argmax(axis=1) if new else ()
        own |= {sequence: _taken(sequence, self.sequences[i], self.places[i]) for sequence, i in zip(new, nearest)}
        return [_letters(sequence, own[sequence]) for sequence in sequences]

    def numbers(self, sequences: Sequence[str]) -> NDArray[np.float32]:
        """[sequences, PLACES x WIDTH], zeros where a place is empty."""
        return described(self.letters(sequences)).reshape(len(sequences), PLACES * WIDTH)


def _taken(sequence: str, known: str, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of one protein, from those of another."""
    there = stands_for(sequence, known)
    return np.where(places >= 0, there[places], -1)


def _letters(sequence: str, places: NDArray[np.int64]) -> str:
    if _count(places) < _ENOUGH:
        return "-" * PLACES
    return "".join(sequence[place] if place >= 0 else "-" for place in places)


def _count(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray((places >= 0).sum(axis=-1))
