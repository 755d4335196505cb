"""The set of close analogues that a chemist draws around a compound: scans, exchanges, and what matched pairs suggest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial

from rdkit import Chem

from molgen.generate.crossover import pruned
from molgen.generate.edits import Child, piece_of
from molgen.generate.joining import join
from molgen.generate.listed import Idea, Ideas, Listed
from molgen.generate.matched import MatchedPairs, common, exchanges, parts
from molgen.generate.mutate import (
    GROUPS,
    SMALL,
    added,
    deleted,
    exchangeable,
    exchanged_atom,
    exchanged_group,
    free_bonds,
    inserted,
    removable,
)
from molgen.generate.pieces import Parent, Piece

_MINED = 1_500  # molecules that pairs are taken from
_PAIRS = 12  # exchanges of one part, the most often seen


class Analogues(Listed):
    """All molecules one step from a seed, one idea of each kind in turn: twenty have something of everything.

    An atom is exchanged, put in or taken out, a group comes to each open position (methyl, fluorine, chlorine and so on by
    turns), a group or an arm is exchanged or taken off. What for is said by matched pairs, those that ship with molgen and
    those among seeds and `reference`, for each part the most often seen. Options are those of `genetic`.
    """

    def _sources(self) -> Iterable[tuple[str, ...]]:
        return [(smiles,) for smiles in self.starts]

    def _ideas(self, source: tuple[str, ...]) -> Ideas:
        parent = Parent(source[0], self.constraints)
        return {
            "atom exchanged": [[partial(exchanged_atom, parent, *option) for option in exchangeable(parent)]],
            "atom put in": [[partial(inserted, parent, *ends, 6) for ends in free_bonds(parent, Chem.BondType.SINGLE)]],
            "atom taken out": [[partial(deleted, parent, place) for place in removable(parent)]],
            "group added": [[partial(added, parent, place, text) for place in parent.hydrogens] for text, _ in GROUPS],
            "group exchanged": [
                [partial(exchanged_group, parent, place, text) for place in parent.free_sides if place.size <= SMALL] for text, _ in GROUPS
            ],
            "arm taken off": [[partial(pruned, parent, place) for place in parent.free_sides if 2 * place.size <= parent.size]],
            "matched pair": [list(self._paired(parent))],
        }

    def _paired(self, parent: Parent) -> Iterator[Idea]:
        for part, stays in parts(parent):
            for new, count in self._pairs.instead_of(part.smiles)[:_PAIRS]:
                yield partial(_exchanged, parent, part, stays, new, count)

    @cached_property
    def _pairs(self) -> MatchedPairs:
        few = self.examples[:: max(1, -(-len(self.examples) // _MINED))]
        return MatchedPairs(common() + exchanges(few))


def _exchanged(parent: Parent, part: Piece, stays: Piece, new: str, count: int) -> Child:
    shown = f"{part.smiles}>>{new}".replace("[1*]", "*")
    return Child(join(stays.mol, piece_of(new)), f"matched pair {shown}, seen {count} times, in {parent.smiles}")
