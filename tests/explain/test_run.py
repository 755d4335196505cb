"""Reasons: shares that sum, atoms that matter found, neighbours and edits as an independent look finds them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
from sklearn.metrics import roc_auc_score

from molgen.base.errors import MolgenError
from molgen.data.catalogue import load
from molgen.data.library import Library
from molgen.explain.nearby import KnownChemistry, _turns, counterfactuals, one_edit_away
from molgen.explain.run import explain
from molgen.generate.mutate import exchanged_group
from molgen.generate.pieces import Parent
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


@pytest.mark.parametrize("method", ["shapley", "masking"])
def test_a_table_alone_shows_that_the_shares_sum(fitted, tmp_path, method) -> None:
    tasks = (Task("t_half", unit="h", scale="log"), Task("fat", "classification"))
    found = replace(explain(fitted("kernel"), MOLECULES, method=method, rounds=1, edits=0), tasks=tasks)
    folder = found.save(tmp_path / "why")
    for name in ("atoms.csv", "fragments.csv"):
        table = pd.read_csv(folder / name)
        assert dict(zip(table["task"], table["scale"])) == {"t_half": "log10 h", "fat": "probability, before calibration"}
        for (molecule, task), rows in table.groupby(["id", "task"]):
            (one,) = (one for one in found.there if one.id == molecule)
            i = ["t_half", "fat"].index(task)
            assert rows["baseline"].nunique() == 1 and rows["baseline"].iloc[0] == pytest.approx(one.baseline[i])
            whole = rows["adds_up_to"].iloc[0]
            assert np.isnan(whole) if method == "masking" else whole == pytest.approx(one.learned[i])
            assert method == "masking" or rows["baseline"].iloc[0] + rows["contribution"].sum() == pytest.approx(whole, abs=1e-6)


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
        assert max(sum(edit.change * sign > 0 for edit in edits) for sign in (1, -1)) <= 2


def test_the_smallest_edits_that_turn_the_answer_come_first_and_what_changes_nothing_is_left_out(fitted) -> None:
    predictor, smiles = fitted("kernel"), "CCN(C)Cc1ccc(CO)cc1"
    away = one_edit_away(smiles, KnownChemistry.of(predictor), tries=400, rng=np.random.default_rng(0))
    said = predictor.predict(list(away)).mean
    assert (said[:, 1] < 0.5).any() and (said[:, 1] > 0.5).any()
    mean, spread = np.array([np.median(said[:, 0]), np.max(said[:, 1])]), np.array([np.std(said[:, 0]), 0.1])
    found = counterfactuals(predictor, smiles, mean, spread, away, most=1000)
    for i, edits in enumerate(found):
        change = said[:, i] - mean[i]
        turned = abs(change) >= spread[0] if i == 0 else (said[:, i] >= 0.5) != (mean[i] >= 0.5)
        told = turned | (abs(change) >= (0.1 * spread[0] if i == 0 else 0.01))
        assert sorted(edit.smiles for edit in edits) == sorted(np.array(list(away))[told]) and 0 < turned.sum() < told.sum() < len(away)
        assert [edit.turns for edit in edits] == [True] * turned.sum() + [False] * (told & ~turned).sum()
        alike = [edit.similarity for edit in edits if edit.turns]
        rest = [abs(edit.change) for edit in edits if not edit.turns]
        assert alike == sorted(alike, reverse=True) and rest == sorted(rest, reverse=True)
        few = counterfactuals(predictor, smiles, mean, spread, away, most=1)[i]
        first = [next((edit for edit in edits if edit.change * sign > 0), None) for sign in (1, -1)]
        assert set(few) == {one for one in first if one is not None}
    huge = counterfactuals(predictor, smiles, mean, spread * 1e6, away, most=3)[0]
    assert len(huge) == 6 and not any(edit.turns for edit in huge)  # nothing else is there


def test_an_exchange_says_which_group_went_and_which_came() -> None:
    parent = Parent("CC(C)Oc1ccc(C#N)cc1")
    said = {exchanged_group(parent, place, "C1CC1").origin.split(" in ")[0] for place in parent.free_sides if place.size <= 4}
    assert said == {"C exchanged for C1CC1", "C(C)C exchanged for C1CC1", "OC(C)C exchanged for C1CC1", "C#N exchanged for C1CC1"}


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
