"""Parts of a molecule as molecules of their own: some of its atoms, every cut bond closed with hydrogen."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from rdkit import Chem
from rdkit.Chem import BRICS
from rdkit.rdBase import BlockLogs

Group = tuple[int, ...]  # atoms, in order


def with_every_ring(mol: Chem.Mol) -> Chem.Mol:
    """The molecule, told of rings that a dative bond closes too: RDKit leaves them out, and a bond in one is no bond to cut."""
    if any(bond.GetBondType() == Chem.BondType.DATIVE for bond in mol.GetBonds()):
        Chem.GetSymmSSSR(mol, includeDativeBonds=True)
    return mol


class Whole:
    """A molecule that parts are taken of.

    >>> whole = Whole("Cc1ccncc1")
    >>> whole.groups, whole.part({1, 2, 3, 4, 5, 6}), whole.part({0, 4})
    (((0,), (1, 2, 3, 4, 5, 6)), 'c1ccncc1', 'C.N')
    """

    def __init__(self, smiles: str) -> None:
        self.smiles = smiles
        self.mol: Chem.Mol = with_every_ring(Chem.MolFromSmiles(smiles))
        self._plain = Chem.RWMol(self.mol)
        Chem.Kekulize(self._plain, clearAromaticFlags=True)  # half an aromatic ring is no molecule, half a Kekulé ring is one

    def __len__(self) -> int:
        return int(self.mol.GetNumAtoms())

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The atoms as a chemist would part them: rings (fused ones whole), and what lies between and beside them.

        Cut is every single bond between a ring and what is no part of it, and every bond that BRICS cuts (Degen et al.,
        ChemMedChem 3 (2008) 1503).
        """
        cut = {tuple(sorted(ends)) for ends, _ in BRICS.FindBRICSBonds(self.mol)}
        bonds = [bond for bond in self.mol.GetBonds() if bond.GetBondType() == Chem.BondType.SINGLE and not bond.IsInRing()]
        cut |= {_ends(bond) for bond in bonds if bond.GetBeginAtom().IsInRing() or bond.GetEndAtom().IsInRing()}
        joined = Chem.RWMol(self.mol)
        for first, second in cut:
            joined.RemoveBond(first, second)
        return tuple(tuple(sorted(group)) for group in Chem.GetMolFrags(joined))

    def pieces(self, atoms: Collection[int]) -> list[set[int]]:
        """These atoms by what hangs together without the others."""
        left, found = set(atoms), []
        while left:
            piece, new = set(), {min(left)}
            while new:
                piece |= new
                new = (_beside(self.mol, new) & left) - piece
            found.append(piece)
            left -= piece
        return found

    def part(self, atoms: Collection[int]) -> str:
        """Canonical SMILES of these atoms, "" where they make no molecule; stereo stays where all neighbours do."""
        if len(atoms) == len(self):
            return self.smiles
        edited = Chem.RWMol(self._plain)
        gone = [i for i in range(len(self)) if i not in atoms]
        for i in sorted(_beside(edited, gone) - set(gone)):
            _open(edited.GetAtomWithIdx(i))
        edited.BeginBatchEdit()
        for i in gone:
            edited.RemoveAtom(i)
        edited.CommitBatchEdit()
        with BlockLogs():
            if Chem.SanitizeMol(edited, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
                return ""
            Chem.AssignStereochemistry(edited, cleanIt=True, force=True)
            return str(Chem.MolToSmiles(edited))


def _beside(mol: Chem.Mol, atoms: Collection[int]) -> set[int]:
    """The neighbours of these atoms."""
    return {other.GetIdx() for i in atoms for other in mol.GetAtomWithIdx(i).GetNeighbors()}


def _open(atom: Chem.Atom) -> None:
    """Lets hydrogen take the place of a neighbour; what stereo said, it said of that neighbour."""
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)
    atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
    for bond in atom.GetBonds():
        bond.SetStereo(Chem.BondStereo.STEREONONE)
        bond.SetBondDir(Chem.BondDir.NONE)


def _ends(bond: Chem.Bond) -> tuple[int, int]:
    first, second = sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
    return first, second
