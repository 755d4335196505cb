"""Reasons: shares that sum, atoms that matter found, neighbours and edits as an independent look finds them."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
from sklearn.metrics import roc_auc_score

from molgen.base.errors import MolgenError
from molgen.data.catalogue import load
from molgen.data.library import Library
from molgen.explain.nearby import _turns
from molgen.explain.run import explain
from molgen.models.base import Task
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from molgen.report.explained import explained_page
from molgen.report.text import significant

MOLECULES = ["Cc1ccc(C(=O)N)cc1", "C1CC", "CCN(C)Cc1ccnc(CO)c1", "c1csc(C(F)(F)F)n1"]


@pytest.mark.parametrize("method", ["shapley", "myerson"])
@pytest.mark.parametrize("name", ["kernel", "blend"])
def test_shares_sum_to_the_prediction(fitted, name, method) -> None:
    found = explain(fitted(name), MOLECULES, method=method, rounds=2, edits=0)
    said = fitted(name).predict(MOLECULES)
    assert [one is None for one in found.rows] == [False, True, False, False]
    for row, one in enumerate(found.rows):
        if one is not None:
            np.testing.assert_allclose(one.baseline + one.atoms.sum(axis=0), one.learned, atol=1e-6)
            np.testing.assert_allclose(one.learned[0], said.mean[row, 0], atol=1e-6)
            np.testing.assert_allclose(one.fragments, [one.atoms[list(group)].sum(axis=0) for group in one.groups])
            assert len(one.atoms) == Chem.MolFromSmiles(one.smiles).GetNumAtoms()


def test_what_turns_of_logarithms_is_told_by_the_ratio():
    said, mean = np.array([0.01, 0.5, 2.0, 100.0]), 1.0
    spread = 0.7 * np.log(10) * mean  # .7 of a decade
    assert _turns(Task("t_half", scale="log"), said, mean, spread).tolist() == [True, False, False, True]
    assert _turns(Task("t_half"), said, mean, 0.6).tolist() == [True, False, True, True]
    assert _turns(Task("toxic", "classification"), np.array([0.2, 0.7]), 0.9, 0.0).tolist() == [True, False]


def test_in_a_notebook_reasons_are_pictures(fitted) -> None:
    found = explain(fitted("kernel"), MOLECULES, rounds=1, edits=0, neighbours=0)
    shown = found._repr_html_()
    assert shown.count("<svg ") == 3 * len(found.tasks) and "opacity" in shown and "predicted" in shown and "C1CC" not in shown


def test_masking_is_what_the_prediction_loses_without_the_atom(fitted) -> None:
    predictor = fitted("kernel")
    (one,) = explain(predictor, ["CCCCl"], method="masking", edits=0).rows
    assert one is not None and one.smiles == "CCCCl"
    whole, without = predictor.predict(["CCCCl", "CCC"]).mean
    np.testing.assert_allclose(one.atoms[3, 0], (whole - without)[0], atol=1e-6)


def test_neighbours_are_the_nearest_measured_molecules_with_their_values(fitted) -> None:
    predictor = fitted("kernel")
    (one,) = explain(predictor, ["Cc1ccc(CO)cc1"], edits=0, neighbours=4, rounds=1).rows
    generator = GetMorganGenerator(radius=2, fpSize=2048)
    asked, *known = (generator.GetFingerprint(Chem.MolFromSmiles(text)) for text in (one.smiles, *predictor.domain.known.smiles))
    alike = np.array(DataStructs.BulkTanimotoSimilarity(asked, known))
    assert [near.similarity for near in one.neighbours] == pytest.approx(sorted(alike, reverse=True)[:4], abs=1e-6)
    place = {name: row for row, name in enumerate(predictor.domain.known.ids)}
    for near in one.neighbours:
        np.testing.assert_array_equal(near.values, predictor.domain.known.values[place[near.id]])


def test_edits_are_molecules_of_their_own_whose_predictions_are_the_models(fitted) -> None:
    predictor = fitted("kernel")
    (one,) = explain(predictor, ["CCN(C)Cc1ccc(CO)cc1"], edits=2, rounds=1).rows
    for i, edits in enumerate(one.counterfactuals):
        assert edits
        said = predictor.predict([edit.smiles for edit in edits])
        np.testing.assert_allclose([edit.mean for edit in edits], said.mean[:, i], atol=1e-6)
        np.testing.assert_allclose([edit.change for edit in edits], said.mean[:, i] - one.mean[i], atol=1e-6)
        size = Chem.MolFromSmiles(one.smiles).GetNumHeavyAtoms()
        assert all(edit.smiles != one.smiles and abs(Chem.MolFromSmiles(edit.smiles).GetNumHeavyAtoms() - size) <= 5 for edit in edits)
        ups = [edit.change for edit in edits if edit.change > 0]
        assert len(ups) <= 2 and ups == sorted(ups, reverse=True)


def test_one_seed_gives_one_explanation(fitted) -> None:
    first, again, other = (explain(fitted("kernel"), MOLECULES, rounds=1, seed=seed) for seed in (0, 0, 1))
    assert first.atoms().equals(again.atoms()) and first.edits().equals(again.edits())
    assert not first.atoms().equals(other.atoms())


def test_atoms_that_make_the_value_are_found() -> None:
    """A task whose truth is known atom by atom: how many nitrogen and halogen atoms there are."""
    library = Library.of(load("moses_sample").smiles[:500])
    wanted = {"N", "F", "Cl", "Br"}
    counts = [sum(atom.GetSymbol() in wanted for atom in mol.GetAtoms()) for mol in library.mols]
    table = library.rows.columns.assign(count=counts)
    predictor = train(Library.from_frame(table.head(420)), "count", recipe=RecipeConfig(predictor="kernel", folds=2), split="none")
    found = explain(predictor, library.smiles[460:480], rounds=2, edits=0, neighbours=0)
    scores = []
    for one in found.there:
        truth = [atom.GetSymbol() in wanted for atom in Chem.MolFromSmiles(one.smiles).GetAtoms()]
        if 0 < sum(truth) < len(truth):
            scores.append(roc_auc_score(truth, one.atoms[:, 0]))
    assert len(scores) > 10 and np.mean(scores) > 0.9


@pytest.mark.parametrize("smiles", ["C", "[Na+].[Cl-]", "C[Si](C)(C)C", "O=C1[O][Pt]2(<-[NH2]CC[NH2]->2)[O]C1=O", "[2H]C([2H])O", "CC.CN"])
def test_odd_molecules_are_explained_or_rejected_and_never_lost(fitted, smiles) -> None:
    found = explain(fitted("kernel"), [smiles], rounds=1)
    assert len(found) == 1
    one = found.rows[0]
    assert (one is None) == (not found.library.ok[0])
    if one is not None:
        np.testing.assert_allclose(one.baseline + one.atoms.sum(axis=0), one.learned, atol=1e-6)


def test_no_molecule_at_all_is_fine_and_no_rounds_are_refused(fitted, tmp_path) -> None:
    found = explain(fitted("kernel"), [])
    assert not len(found) and (found.save(tmp_path / "none") / "atoms.csv").read_text().startswith("id,smiles,task")
    with pytest.raises(MolgenError, match="rounds is 0"):
        explain(fitted("kernel"), ["CC"], rounds=0)


def test_an_atom_of_any_element_alone_is_explained_too(fitted) -> None:
    for smiles in ("[Fe]", "[Si]", "[Xe]"):
        (one,) = explain(fitted("kernel"), [smiles], rounds=1, edits=1).rows
        assert one is not None and len(one.atoms) == 1


def test_a_molecule_has_the_same_reasons_wherever_it_stands(fitted):
    first, other, last = explain(fitted("kernel"), ["CCCCCO", "Cc1ccccc1", "CCCCCO"], rounds=1).rows
    assert np.array_equal(first.atoms, last.atoms) and first.counterfactuals == last.counterfactuals
    assert other.smiles != first.smiles


def test_the_page_shows_what_the_shares_of_a_class_sum_to(fitted, tmp_path) -> None:
    found = explain(fitted("kernel"), MOLECULES[:1], rounds=2, edits=0)
    page = explained_page(found, tmp_path / "page.html").read_text()
    classes = [i for i, task in enumerate(found.tasks) if task.kind == "classification"]
    assert classes and page.count("before calibration ") == len(classes)
    for i in classes:
        assert f"before calibration {significant(float(found.there[0].learned[i]))}, " in page
