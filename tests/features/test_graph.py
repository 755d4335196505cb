"""Flat arrays against RDKit asked atom by atom, and sub-selection against making the graphs anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from molgen.data.library import Library
from molgen.features.graph import ATOM_WIDTH, BOND_WIDTH, Graphs, graphs

SMILES = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "C",
    "C[C@H](N)C(=O)O/C=C/C",
    "[Na+].[Cl-]",
    "FC(F)(F)c1ccc(S(=O)(=O)N2CCOCC2)cc1",
    "O=[Se]=O",
    "C1CC1C1CCCCCCC1C#N",
    "[2H]O[Pt](Cl)(Cl)Cl",
]
MOLS = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


def one_hot(value: object, choices: list[object]) -> list[float]:
    return [float(value == choice) for choice in choices] + [float(value not in choices)]


def atom_by_atom(mol: Chem.Mol) -> np.ndarray:
    """The rows as the documentation has them, asked of RDKit one atom at a time."""
    kinds = Chem.HybridizationType
    rows = []
    for atom in mol.GetAtoms():
        cip = atom.GetPropsAsDict(True, True).get("_CIPCode", "")
        sizes = [atom.IsInRingSize(size) for size in (3, 4, 5, 6, 7)]
        larger = any(len(ring) > 7 and atom.GetIdx() in ring for ring in mol.GetRingInfo().AtomRings())
        rows.append(
            one_hot(atom.GetSymbol(), ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "As", "Se", "Br", "I"])
            + one_hot(len(atom.GetNeighbors()), [0, 1, 2, 3, 4, 5])
            + one_hot(atom.GetFormalCharge(), [-2, -1, 0, 1, 2])
            + one_hot(atom.GetNumExplicitHs() + atom.GetNumImplicitHs(), [0, 1, 2, 3, 4])
            + one_hot(atom.GetHybridization(), [kinds.S, kinds.SP, kinds.SP2, kinds.SP3, kinds.SP3D, kinds.SP3D2])
            + [cip == "R", cip == "S", atom.GetIsAromatic(), atom.IsInRing(), *sizes, larger]
            + [Chem.GetPeriodicTable().GetAtomicWeight(atom.GetSymbol()) / 100]
        )
    return np.array(rows, dtype=np.float32)


def bond_by_bond(mol: Chem.Mol) -> dict[tuple[int, int], list[float]]:
    """Both directions of each bond with their features."""
    kinds, stereo = Chem.BondType, Chem.BondStereo
    rows = {}
    for bond in mol.GetBonds():
        row = one_hot(bond.GetBondType(), [kinds.SINGLE, kinds.DOUBLE, kinds.TRIPLE, kinds.AROMATIC])
        row += one_hot(bond.GetStereo(), [stereo.STEREONONE, stereo.STEREOZ, stereo.STEREOE])
        row += [float(bond.GetIsConjugated()), float(bond.IsInRing())]
        rows[bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()] = rows[bond.GetEndAtomIdx(), bond.GetBeginAtomIdx()] = row
    return rows


def test_atoms_are_those_rdkit_gives_one_by_one() -> None:
    expected = np.concatenate([atom_by_atom(mol) for mol in MOLS])
    np.testing.assert_array_equal(graphs(MOLS).atoms, expected)
    assert expected.shape[1] == ATOM_WIDTH


def test_bonds_are_those_rdkit_gives_one_by_one() -> None:
    many = graphs(MOLS)
    first = np.cumsum([0] + [mol.GetNumAtoms() for mol in MOLS])
    expected = {(a + first[i], b + first[i]): row for i, mol in enumerate(MOLS) for (a, b), row in bond_by_bond(mol).items()}
    edges = list(zip(*many.bond_index.tolist()))
    assert sorted(edges) == sorted(expected)
    np.testing.assert_array_equal(many.bonds, np.array([expected[edge] for edge in edges], dtype=np.float32))
    assert many.bonds.shape[1] == BOND_WIDTH


def test_second_half_of_the_edges_is_the_first_half_reversed() -> None:
    many = graphs(MOLS)
    there, back = np.split(many.bond_index, 2, axis=1)
    np.testing.assert_array_equal(there, back[::-1])


@given(st.lists(st.integers(0, len(MOLS) - 1), max_size=12))
def test_taking_rows_is_making_the_graphs_of_those_molecules(rows: list[int]) -> None:
    taken, anew = graphs(MOLS).take(rows), graphs([MOLS[row] for row in rows])
    assert len(taken) == taken.n_molecules == len(rows)
    for name in ("atoms", "bonds", "bond_index", "molecule_of_atom", "atom_offset", "bond_offset", "bond_ends"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(anew, name), err_msg=name)


@pytest.mark.parametrize("mols", [[], [None], [None, None]])
def test_nothing_to_describe_is_arrays_without_rows(mols: list[None]) -> None:
    many = graphs(mols)
    assert len(many) == len(mols)
    assert many.atoms.shape == (0, ATOM_WIDTH)
    assert many.bonds.shape == (0, BOND_WIDTH)
    assert many.bond_index.shape == (2, 0)


def test_a_lone_atom_has_no_bonds() -> None:
    many = graphs([Chem.MolFromSmiles("C")])
    assert many.atoms.shape[0] == 1
    assert many.bond_index.shape == (2, 0)


def test_a_row_is_kept_once_however_many_atoms_share_it() -> None:
    many = graphs([Chem.MolFromSmiles("CCCCCCCC")] * 50)
    assert many.atom_rows.shape[0] == 2  # the ends, and the middle
    assert many.bond_rows.shape[0] == 1


def test_chirality_does_not_depend_on_how_the_molecule_is_written() -> None:
    first, second = (graphs([Chem.MolFromSmiles(smiles)]) for smiles in ("C[C@H](N)CC", "CC[C@@H](N)C"))
    mirror = graphs([Chem.MolFromSmiles("C[C@@H](N)CC")])
    rows = [sorted(map(tuple, many.atoms.tolist())) for many in (first, second, mirror)]
    assert rows[0] == rows[1] != rows[2]


def test_a_library_makes_its_graphs_once_and_of_distinct_molecules() -> None:
    library = Library.of(["CCO", "C1CC", "OCC", "C"])
    assert Graphs.of(library) is Graphs.of(library)
    assert np.diff(Graphs.of(library).atom_offset).tolist() == [3, 1]
