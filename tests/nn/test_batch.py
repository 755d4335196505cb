"""Batches against RDKit asked atom by atom, and against torch-geometric's own way of batching."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rdkit import Chem
from torch_geometric.data import Batch, Data

from molgen.base.errors import MolgenError
from molgen.features.graph import ATOM_WIDTH, BOND_WIDTH, graphs
from molgen.nn.batch import GraphBatch, featurize

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C", "C1CC", "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O", "[Na+].[Cl-]", "F/C=C/F"]
FIELDS = ("atoms", "bonds", "bond_index", "molecule_of_atom", "valid", "reverse")


def assert_same(first: GraphBatch, second: GraphBatch) -> None:
    for name in FIELDS:
        assert torch.equal(getattr(first, name), getattr(second, name)), name


def test_featurize_agrees_with_asking_rdkit_atom_by_atom() -> None:
    batch = featurize(SMILES)
    elements = [1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 53]
    at = 0
    for row, smiles in enumerate(SMILES):
        mol = Chem.MolFromSmiles(smiles)
        for atom in mol.GetAtoms() if mol is not None else ():
            features = batch.atoms[at]
            hot = elements.index(atom.GetAtomicNum()) if atom.GetAtomicNum() in elements else len(elements)
            assert features[: len(elements) + 1].tolist() == [float(column == hot) for column in range(len(elements) + 1)]
            assert features[-1].item() == pytest.approx(Chem.GetPeriodicTable().GetAtomicWeight(atom.GetAtomicNum()) / 100)
            assert batch.molecule_of_atom[at] == row
            neighbours = {int(target) - at for source, target in batch.bond_index.T if source == at}
            assert neighbours == {other.GetIdx() - atom.GetIdx() for other in atom.GetNeighbors()}
            at += 1
    assert at == len(batch.atoms)


def test_a_bad_row_keeps_its_place_without_atoms() -> None:
    batch = featurize(["CCO", "C1CC", "", "C"])
    assert len(batch) == 4
    assert batch.valid.tolist() == [True, False, False, True]
    assert batch.molecule_of_atom.tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("smiles", [[], ["garbage"], ["garbage", "C1CC"]])
def test_nothing_valid_is_a_batch_without_atoms(smiles: list[str]) -> None:
    batch = featurize(smiles)
    assert len(batch) == len(smiles)
    assert batch.atoms.shape == (0, ATOM_WIDTH)
    assert batch.bonds.shape == (0, BOND_WIDTH)
    assert not batch.valid.any()
    assert_same(GraphBatch.from_pyg(batch.to_pyg()), batch)


def test_reverse_goes_back_and_forth() -> None:
    batch = featurize(SMILES)
    source, target = batch.bond_index
    assert torch.equal(source[batch.reverse], target)
    assert torch.equal(batch.reverse[batch.reverse], torch.arange(len(source)))
    assert torch.equal(batch.bonds[batch.reverse], batch.bonds)


def molecule_by_molecule(mols: list[Chem.Mol]) -> list[Data]:
    singles = (GraphBatch.of(graphs([mol])) for mol in mols)
    return [Data(x=one.atoms, edge_index=one.bond_index, edge_attr=one.bonds) for one in singles]


def test_to_pyg_is_what_torch_geometric_makes_of_single_molecules() -> None:
    mols = [mol for smiles in SMILES if (mol := Chem.MolFromSmiles(smiles)) is not None]
    ours, theirs = GraphBatch.of(graphs(mols)).to_pyg(), Batch.from_data_list(molecule_by_molecule(mols))
    assert ours.validate(raise_on_error=True)
    for name in ("x", "edge_index", "edge_attr", "batch", "ptr"):
        assert torch.equal(ours[name], theirs[name]), name
    for one, other in zip(ours.to_data_list(), theirs.to_data_list(), strict=True):
        assert torch.equal(one.edge_index, other.edge_index)
        assert torch.equal(one.x, other.x)


def test_from_pyg_gives_the_batch_back() -> None:
    batch = featurize(SMILES)
    back = GraphBatch.from_pyg(batch.to_pyg())
    for name in ("atoms", "bonds", "bond_index", "molecule_of_atom", "valid"):
        assert torch.equal(getattr(back, name), getattr(batch, name)), name


def test_from_pyg_takes_edges_in_any_order() -> None:
    pyg = featurize(["CCO", "c1ccccc1C#N"]).to_pyg()
    shuffled = torch.randperm(pyg.edge_index.shape[1], generator=torch.Generator().manual_seed(1))
    batch = GraphBatch.from_pyg(Batch(x=pyg.x, edge_index=pyg.edge_index[:, shuffled], edge_attr=pyg.edge_attr[shuffled], batch=pyg.batch))
    source, target = batch.bond_index
    assert torch.equal(source[batch.reverse], target)
    rows = {(int(a), int(b)): row.tolist() for (a, b), row in zip(pyg.edge_index.T, pyg.edge_attr)}
    assert {(int(a), int(b)): row.tolist() for (a, b), row in zip(batch.bond_index.T, batch.bonds)} == rows


def test_from_pyg_refuses_one_way_edges_and_foreign_features() -> None:
    pyg = featurize(["CCO"]).to_pyg()
    with pytest.raises(MolgenError, match="without its reverse"):
        GraphBatch.from_pyg(Batch(x=pyg.x, edge_index=pyg.edge_index[:, :2], edge_attr=pyg.edge_attr[:2], batch=pyg.batch))
    with pytest.raises(MolgenError, match="x is 3 wide"):
        GraphBatch.from_pyg(Batch(x=pyg.x[:, :3], edge_index=pyg.edge_index, edge_attr=pyg.edge_attr, batch=pyg.batch))
    uneven = pyg.edge_attr.clone()
    uneven[0] += 1
    with pytest.raises(MolgenError, match="different bond features"):
        GraphBatch.from_pyg(Batch(x=pyg.x, edge_index=pyg.edge_index, edge_attr=uneven, batch=pyg.batch))


def test_to_moves_every_tensor_and_changes_nothing() -> None:
    batch = featurize(SMILES)
    assert_same(batch.to("cpu"), batch)
    assert all(tensor.device.type == "meta" for tensor in vars(batch.to("meta")).values())


def test_graphs_share_their_table_with_the_batch() -> None:
    many = graphs([Chem.MolFromSmiles("CCO")])
    assert np.shares_memory(GraphBatch.of(many).atom_rows.numpy(), many.atom_rows)
