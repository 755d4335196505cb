from dataclasses import replace

import numpy as np
import pytest
import torch
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.features.graph import graphs_plainly
from molgen.nn.attention import coded
from molgen.nn.pairs import FittedPairs, Ligands, Others, PairNetwork, Pairs, PairSettings, fit_pairs

SETTINGS = PairSettings(width=12, rank=7, epochs=3, batch_size=16)


def samples(rows: int = 60) -> Pairs:
    rng = np.random.default_rng(0)
    ligands, partners = (torch.from_numpy(rng.normal(size=size).astype(np.float32)) for size in ((9, 5), (4, 6)))
    return Pairs(Ligands(ligands), Others(partners), rng.integers(9, size=rows), rng.integers(4, size=rows), plain=2)


def wild() -> PairNetwork:
    """A network in which every part says something."""
    torch.manual_seed(0)
    network = PairNetwork(SETTINGS, ligand=5, partner=6).eval()
    torch.nn.init.normal_(network.weights)
    return network


def test_all_pairs_at_once_say_what_each_pair_says():
    network, own = wild(), samples()
    with torch.no_grad():
        table = network.all_pairs(network.ligands(own.ligands), network.partners(own.partners))
        i, j = torch.from_numpy(own.ligand_of_row), torch.from_numpy(own.partner_of_row)
        each = network(own.ligands, own.partners, i, j)[:, 0]
    assert torch.allclose(table[i, j], each, atol=1e-5) and table.std() > 0.1


def test_rows_and_matrix_agree_in_the_units_of_the_targets():
    own = samples()
    fitted = fit_pairs(SETTINGS, own, 100 + 20 * np.random.default_rng(1).normal(size=60), kind="regression", seed=0)
    table = fitted.matrix(own.ligands, own.partners)
    assert np.allclose(table[own.ligand_of_row, own.partner_of_row], fitted.rows(own), atol=1e-3) and 60 < table.mean() < 140


def test_an_entity_is_encoded_once_however_often_it_is_asked_about():
    own, seen = samples(), []
    _, partners, _, j = own.inputs(np.arange(60), torch.device("cpu"))
    fitted = fit_pairs(SETTINGS, own, np.zeros(60) + np.arange(60), kind="regression", seed=0)
    fitted.network.ligand.register_forward_pre_hook(lambda module, given: seen.append(len(given[0])))
    fitted.matrix(own.ligands, own.partners)
    assert seen == [9] and len(partners.numbers) == 4 and torch.equal(own.partners.numbers[own.partner_of_row], partners.numbers[j])


def test_one_seed_gives_one_network_and_it_comes_back_from_its_tensors():
    own, targets = samples(), np.random.default_rng(1).normal(size=60)
    one, two, other = (fit_pairs(SETTINGS, own, targets, kind="regression", seed=seed).rows(own) for seed in (0, 0, 1))
    assert np.array_equal(one, two) and not np.allclose(one, other)
    fitted = fit_pairs(SETTINGS, own, targets, kind="regression", seed=0)
    again = FittedPairs.restore(fitted.tensors(), fitted.to_dict())
    assert np.array_equal(again.rows(own), one) and np.allclose(fitted.lighter().rows(own), one, atol=2e-3)
    with pytest.raises(MolgenError, match="shape"):
        FittedPairs.restore(fitted.tensors() | {"weights": np.zeros(3, np.float32)}, fitted.to_dict())


def test_a_bound_costs_nothing_on_its_far_side():
    own, targets = samples(200), np.zeros(200)
    targets[::2] = 1.0  # standardised it needs a spread
    above = fit_pairs(SETTINGS, own, targets, kind="regression", relations=np.ones(200), seed=0).rows(own)
    equal = fit_pairs(SETTINGS, own, targets, kind="regression", seed=0).rows(own)
    assert above.mean() > equal.mean() + 0.1


def test_counts_are_taken_as_they_are_and_other_numbers_are_standardised():
    scales = samples().scales(np.arange(60))
    assert scales["ligand.mean"][:2].tolist() == [0, 0] and scales["ligand.scale"][:2].tolist() == [1, 1]
    assert (scales["ligand.mean"][2:] != 0).all()
    assert set(scales) == {f"{side}.{what}" for side in ("ligand", "partner") for what in ("mean", "scale")}


def test_two_columns_are_refused():
    with pytest.raises(MolgenError, match="2 columns"):
        samples().network(SETTINGS, 2)


def test_a_deep_network_says_of_all_pairs_what_it_says_of_each_and_comes_back():
    own, targets = samples(), np.random.default_rng(1).normal(size=60)
    fitted = fit_pairs(SETTINGS.model_copy(update={"deep": (8, 4)}), own, targets, kind="regression", seed=0)
    table = fitted.matrix(own.ligands, own.partners)
    assert np.allclose(table[own.ligand_of_row, own.partner_of_row], fitted.rows(own), atol=1e-5) and table.std() > 0
    again = FittedPairs.restore(fitted.tensors(), fitted.to_dict())
    assert np.array_equal(again.rows(own), fitted.rows(own)) and len(again.network.layers) == 3
    with pytest.raises(MolgenError, match="weights"):
        FittedPairs.restore(fitted.tensors(), {**fitted.to_dict(), "settings": SETTINGS.model_dump(mode="json")})


SMILES = ("CCO", "c1ccccc1C(=O)N", "C", "CC(=O)Oc1ccccc1C(=O)O", "CCCCN", "C1CCNCC1", "c1ccncc1", "CCS", "CC#N")
CHAINS = ("MKTAYIAKQR" * 3, "MKWAYIAKQR" * 5, "X" * 30 + "GG", "ACDEFGHIKL" * 4)
ATTENTIVE = SETTINGS.model_copy(update={"attention": 2, "attention_width": 8})


def attentive(rows: int = 60) -> Pairs:
    own = samples(rows)
    graphs = graphs_plainly([Chem.MolFromSmiles(text) for text in SMILES])
    sides = {"ligands": own.ligands._replace(graphs=graphs), "partners": own.partners._replace(residues=coded(CHAINS))}
    return replace(own, **sides)


def test_attention_says_the_same_of_a_pair_whoever_is_asked_about_beside_it():
    own, targets = attentive(), np.random.default_rng(1).normal(size=60)
    fitted = fit_pairs(ATTENTIVE, own, targets, kind="regression", seed=0)
    table = fitted.matrix(own.ligands, own.partners)
    assert np.allclose(table[own.ligand_of_row, own.partner_of_row], fitted.rows(own), atol=1e-5)
    alone = own.ligands.take(np.array([2])), own.partners.take(np.array([0]))
    assert np.allclose(fitted.matrix(*alone), table[2, 0], atol=1e-5)
    again = FittedPairs.restore(fitted.tensors(), fitted.to_dict())
    assert np.array_equal(again.rows(own), fitted.rows(own))


def test_attention_is_shared_out_among_the_atoms_and_residues_there_are():
    own = attentive(4)
    fitted = fit_pairs(ATTENTIVE, own, np.arange(4.0), kind="regression", seed=0)
    told = fitted.attended(own)
    sizes = [(len(atoms), len(windows)) for atoms, windows in told]
    heavy = [Chem.MolFromSmiles(SMILES[i]).GetNumAtoms() for i in own.ligand_of_row]
    assert sizes == [(atoms, -(-len(CHAINS[j]) // 4)) for atoms, j in zip(heavy, own.partner_of_row)]
    assert all(np.isclose(side.sum(), 1.0, atol=1e-5) for row in told for side in row)


def test_attention_finds_the_residues_that_decide():
    rng = np.random.default_rng(3)
    letters = np.array(list("ADEFGHIKLMNPQRSTVY"))
    chains = ["".join(rng.choice(letters, size=48)) for _ in range(40)]
    chains = [text[:20] + "WWWW" + text[24:] if i % 2 else text for i, text in enumerate(chains)]
    graphs = graphs_plainly([Chem.MolFromSmiles(text) for text in SMILES])
    none = np.zeros((9, 1), np.float32), np.zeros((40, 1), np.float32)
    i, j = (place.ravel() for place in np.indices((9, 40)))
    sides = Ligands(torch.from_numpy(none[0]), graphs), Others(torch.from_numpy(none[1]), coded(tuple(chains)))
    settings = PairSettings(width=8, rank=4, attention=1, attention_width=16, epochs=30, batch_size=32, learning_rate=1e-2)
    told = fit_pairs(settings, Pairs(*sides, i, j, 0), (j % 2) * 1.0, kind="regression", seed=0).attended(Pairs(*sides, i, j, 0))
    near = [windows[4:7].sum() for (_, windows), partner in zip(told, j) if partner % 2]
    assert np.mean(near) > 2 * 3 / 12


def test_attention_without_atoms_or_residues_is_refused():
    with pytest.raises(MolgenError, match="atoms of graphs"):
        fit_pairs(ATTENTIVE, samples(), np.zeros(60) + np.arange(60), kind="regression", seed=0)
