"""Parts of molecules: real molecules each, hydrogen at the cuts, the whole left as it is."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molgen.chem.subgraphs import Whole
from molgen.data.catalogue import load

DRUGS = load("chembl_drugs").take(range(0, 1200, 12)).distinct().smiles


@pytest.mark.parametrize("smiles", DRUGS)
def test_groups_hold_every_atom_once_and_each_is_a_molecule(smiles: str) -> None:
    whole = Whole(smiles)
    assert sorted(atom for group in whole.groups for atom in group) == list(range(len(whole)))
    for group in whole.groups:
        assert Chem.MolFromSmiles(whole.part(set(group))).GetNumHeavyAtoms() == len(group)


@pytest.mark.parametrize("smiles", DRUGS[::5])
def test_a_part_without_one_atom_has_all_the_others(smiles: str) -> None:
    whole = Whole(smiles)
    elements = [atom.GetSymbol() for atom in whole.mol.GetAtoms()]
    for atom in range(len(whole)):
        part = Chem.MolFromSmiles(whole.part(set(range(len(whole))) - {atom}))
        assert sorted(a.GetSymbol() for a in part.GetAtoms() if a.GetSymbol() != "H") == sorted(elements[:atom] + elements[atom + 1 :])


def test_all_atoms_are_the_molecule_as_written() -> None:
    whole = Whole("C[C@H](N)C(=O)O")
    assert whole.part(set(range(6))) == "C[C@H](N)C(=O)O"


def test_stereo_stays_where_all_neighbours_do_and_goes_where_one_went() -> None:
    whole = Whole("OC(=O)[C@@H](N)CCF")
    assert whole.part(set(range(8)) - {7}) == "CC[C@H](N)C(=O)O"
    assert whole.part(set(range(8)) - {4}) == "O=C(O)CCCF"


def test_a_ring_stays_together_and_its_substituents_stand_alone() -> None:
    assert Whole("Clc1ccc2ccccc2c1").groups == ((0,), tuple(range(1, 11)))


def test_pieces_are_what_hangs_together() -> None:
    whole = Whole("CCCCC")
    assert whole.pieces({0, 1, 3, 4}) == [{0, 1}, {3, 4}]
    assert whole.pieces(set()) == []
