"""Every encoder of the table: order of atoms and rows, empty batches; the D-MPNN against a loop over edges."""

from __future__ import annotations

import random

import pytest
import torch
from rdkit import Chem
from torch import Tensor

from molgen.features.graph import graphs
from molgen.nn.base import ENCODERS, Encoder
from molgen.nn.batch import GraphBatch, featurize
from molgen.nn.dmpnn import DMPNN
from molgen.nn.messages import incoming, incoming_plainly

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "C", "[Na+].[Cl-]", "F/C=C/C1CCNCC1", "N#Cc1ccc2[nH]ccc2c1"]


@pytest.fixture(params=sorted(ENCODERS))
def encoder(request: pytest.FixtureRequest) -> Encoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built: Encoder = ENCODERS.build(request.param, {"width": 24, "dropout": 0.5})
    return built.eval()


def test_reordering_atoms_keeps_the_vectors(encoder: Encoder) -> None:
    rng = random.Random(0)
    mols = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
    renumbered = [Chem.RenumberAtoms(mol, rng.sample(range(mol.GetNumAtoms()), mol.GetNumAtoms())) for mol in mols]
    there, back = encoder(GraphBatch.of(graphs(mols))), encoder(GraphBatch.of(graphs(renumbered)))
    torch.testing.assert_close(there, back, rtol=0, atol=1e-5)


def test_the_rest_of_the_batch_and_its_order_change_nothing(encoder: Encoder) -> None:
    together = encoder(featurize(SMILES))
    torch.testing.assert_close(encoder(featurize(SMILES[::-1])).flip(0), together, rtol=0, atol=1e-5)
    alone = torch.cat([encoder(featurize([smiles])) for smiles in SMILES])
    torch.testing.assert_close(alone, together, rtol=0, atol=1e-5)


def test_a_bad_row_changes_no_other_row(encoder: Encoder) -> None:
    with_bad = encoder(featurize(["C1CC", SMILES[0], "", SMILES[1]]))
    assert with_bad.isfinite().all()
    torch.testing.assert_close(with_bad[[1, 3]], encoder(featurize(SMILES[:2])), rtol=0, atol=1e-5)


@pytest.mark.parametrize("rows", [0, 1])
def test_empty_batches_give_vectors_of_the_right_shape(encoder: Encoder, rows: int) -> None:
    assert encoder(featurize([])).shape == (0, encoder.width)
    assert encoder(featurize(["C"] * rows)).shape == (rows, 24)
    assert encoder(featurize(["garbage"] * rows)).shape == (rows, 24)


def test_the_vector_tells_element_bond_and_chirality_apart(encoder: Encoder) -> None:
    vectors = encoder(featurize(["CCO", "CCN", "CC=O", "C[C@H](N)O", "C[C@@H](N)O", "F/C=C/F", "F/C=C\\F"]))
    assert torch.cdist(vectors, vectors).add(torch.eye(7)).min() > 1e-4


def test_every_weight_gets_a_gradient(encoder: Encoder) -> None:
    encoder(featurize(SMILES)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in encoder.parameters())


def test_messages_and_their_gradients_are_those_of_the_plain_sum() -> None:
    graph = featurize(SMILES)
    edges = torch.randn(graph.bond_index.shape[1], 7, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(graph.bond_index.shape[1], 7, dtype=torch.float64)
    quick, plain = incoming(edges, graph.neighbours), incoming_plainly(edges, graph.bond_index, len(graph.atoms))
    torch.testing.assert_close(quick, plain)
    gradients = [torch.autograd.grad((value * weights).sum(), edges)[0] for value in (quick, plain)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("readout", ["mean", "sum"])
def test_dmpnn_is_the_papers_equations_edge_by_edge(readout: str) -> None:
    torch.manual_seed(0)
    network = DMPNN(width=16, depth=4, readout=readout).double().eval()  # type: ignore[arg-type]
    smiles = SMILES[4]
    graph = featurize([smiles])
    graph = GraphBatch(**{name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in vars(graph).items()})
    torch.testing.assert_close(network(graph)[0], edge_by_edge(network, graph))


def edge_by_edge(network: DMPNN, graph: GraphBatch) -> Tensor:
    """Yang et al. 2019, equations 1 to 6, one edge at a time."""
    pairs = [(int(source), int(target)) for source, target in graph.bond_index.T]
    start = {
        (v, w): network.edge_from_atom(graph.atoms[v]) + network.edge_from_bond(row) for (v, w), row in zip(pairs, graph.bonds, strict=True)
    }
    hidden = {edge: value.relu() for edge, value in start.items()}
    nothing = torch.zeros(network.width, dtype=torch.float64)
    for _ in range(network.depth - 1):
        heard = {(v, w): sum((hidden[k, u] for k, u in pairs if u == v and k != w), nothing) for v, w in pairs}
        hidden = {edge: (start[edge] + network.message(heard[edge])).relu() for edge in pairs}
    atoms = []
    for v, features in enumerate(graph.atoms):
        heard_here = sum((hidden[k, u] for k, u in pairs if u == v), nothing)
        atoms.append((network.atom_itself(features) + network.atom_hears(heard_here)).relu())
    pooled = torch.stack(atoms)
    return pooled.mean(0) if network.readout == "mean" else pooled.sum(0)
