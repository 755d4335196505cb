"""A model of pairs, asked about one protein or about each row's own, gives its reasons as a model of molecules does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.cli.main import main
from molgen.data.library import Library
from molgen.data.partners import Pairing
from molgen.data.proteins import Proteins
from molgen.explain.run import explain
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from molgen.report.explained import explained_page
from tests.models.conftest import PROTEINS, TINY_PAIR_KERNEL, TINY_PAIRS
from tests.models.conftest import pairs as measured_pairs

ASKED = ["CCCCCO", "c1ccccc1C"]


def test_the_command_explains_molecules_against_a_target_that_is_named(fitted, tmp_path):
    model = fitted("pair_kernel").save(tmp_path / "model")
    (tmp_path / "some.smi").write_text("\n".join(ASKED) + "\n")
    with pytest.raises(SystemExit) as done:
        main(["explain", str(model), str(tmp_path / "some.smi"), "--target", "AAA1", "-o", str(tmp_path / "why"), "--edits", "1"])
    assert done.value.code in (0, None)
    one, other = fitted("pair_kernel").against_named(["AAA1"]).predict(ASKED).mean[:, 0]
    atoms = pd.read_csv(tmp_path / "why" / "atoms.csv")
    assert set(atoms["task"]) == {"affinity_AAA1"}
    shares = atoms.groupby("id", sort=False)["contribution"].sum()  # with what is said of nothing, the same for both, they are the answers
    assert shares.iloc[1] - shares.iloc[0] == pytest.approx(other - one, abs=1e-3)


def test_a_target_that_nobody_knows_is_an_error(fitted, tmp_path, capsys):
    model = fitted("pair_kernel").save(tmp_path / "model")
    (tmp_path / "some.smi").write_text("CCO\n")
    with pytest.raises(SystemExit) as done:
        main(["explain", str(model), str(tmp_path / "some.smi"), "--target", "NOBODY1", "-o", str(tmp_path / "why")])
    assert done.value.code == 2 and "NOBODY1" in capsys.readouterr().err


def test_what_is_said_of_nothing_is_the_usual_value(fitted):
    predictor = fitted("pair_kernel").against_named(["AAA1", "BBB1"])
    (one,) = explain(predictor, ["CCCCCO"], rounds=2, edits=0).rows
    middle = predictor.card["audit"]["balance"]["affinity"]["median"]
    assert one.baseline.tolist() == [middle] * 2
    assert one.atoms.sum(axis=0) + middle == pytest.approx(one.learned, abs=1e-4)
    with pytest.raises(MolgenError, match="say against what"):
        explain(fitted("pair_kernel"), Library.of(ASKED))


def some_pairs(*, broken: bool = False) -> Library:
    """Three molecules, two of them one, with three proteins; broken, with a protein of which nobody has heard in between."""
    columns = {"protein": ["AAA1", "NOBODY1" if broken else "BBB1", "BBB1", "CCC1"]}
    known = Proteins.of(list(PROTEINS.values())).called(list(PROTEINS))
    return Pairing("target", listed=known)(Library.of([*ASKED, ASKED[0], "CCN"], columns=columns))


@pytest.mark.parametrize("name", ["pair_kernel", "pair_network"])
def test_each_pair_is_explained_with_its_own_partner(fitted, name):
    predictor, library = fitted(name), some_pairs(broken=True)
    found, said = explain(predictor, library, rounds=1, edits=1), predictor.predict(library)
    assert [one and one.partner for one in found.rows] == ["AAA1", None, "BBB1", "CCC1"]
    assert [task.name for task in found.tasks] == ["affinity"]
    for row, one in enumerate(found.rows):
        if one is not None:
            assert one.learned == pytest.approx(said.mean[row], abs=1e-4)
            assert one.baseline + one.atoms.sum(axis=0) == pytest.approx(one.learned, abs=1e-4)
            (alone,) = explain(predictor.against_named([one.partner]), [one.smiles], rounds=1, edits=1).rows
            assert one.atoms == pytest.approx(alone.atoms, abs=1e-4)
            assert [edit.smiles for edit in one.counterfactuals[0]] == [edit.smiles for edit in alone.counterfactuals[0]]
    assert not np.allclose(found.rows[0].atoms, found.rows[2].atoms)  # one molecule, two proteins
    for table in (found.atoms(), found.fragments(), found.edits()):
        assert list(table)[:2] == ["id", "partner"] and list(table["partner"].unique()) == ["AAA1", "BBB1", "CCC1"]
    assert "BBB1" in found._repr_html_()


def test_the_command_explains_a_table_of_pairs(fitted, tmp_path, capsys):
    model = fitted("pair_kernel").save(tmp_path / "model")
    table = tmp_path / "pairs.csv"
    table.write_text("smiles,id,kinase\nCCCCCO,one,AAA1\nCCCCCO,two,BBB1\nCCO,odd,NOBODY1\n")
    asked = ["explain", str(model), str(table), "-o", str(tmp_path / "why"), "--rounds", "1", "--edits", "1"]
    with pytest.raises(SystemExit) as done:
        main([*asked, "--part-col", "kinase"])
    assert done.value.code in (0, None)
    atoms, rejects = (pd.read_csv(tmp_path / "why" / f"{name}.csv") for name in ("atoms", "rejects"))
    assert list(atoms.groupby(["id", "partner"]).groups) == [("one", "AAA1"), ("two", "BBB1")]
    assert rejects["stage"].tolist() == ["partner"] and "NOBODY1" in rejects["reason"][0]
    page = (tmp_path / "why" / "explained.html").read_text()
    assert "<h2>one with AAA1</h2>" in page and "<h2>two with BBB1</h2>" in page and "3 pairs read, 2 explained, 1 rejected" in page
    for further, says in ((["--part-col", "kinase", "--target", "AAA1"], "partners are named"), ([], "no column says")):
        with pytest.raises(SystemExit) as done:
            main([*asked, *further])
        assert done.value.code == 2 and says in capsys.readouterr().err


def test_pairs_of_which_none_can_be_read_are_all_rejected(fitted):
    assert explain(fitted("pair_kernel"), some_pairs(broken=True).take([1]), rounds=1).rows == (None,)


def test_measured_neighbours_of_a_pair_are_pairs(fitted, tmp_path):
    predictor = fitted("pair_kernel")
    found = explain(predictor, some_pairs(), rounds=1, edits=0, neighbours=2)
    table, said = found.neighbours(), predictor.predict(some_pairs())
    assert list(table) == ["id", "partner", "nearest_id", "smiles", "similarity", "nearest_partner", "partner_similarity", "affinity"]
    first = table.groupby("id", sort=False).first()
    assert first["affinity"].tolist() == said.nearest_pair_value[:, 0].tolist()
    assert first["nearest_partner"].tolist() == said.nearest_pair_partner[:, 0].tolist()
    page = explained_page(found, tmp_path / "page.html").read_text()
    assert "measured pairs like it" in page and f"<td>{first['nearest_partner'].iloc[0]}</td>" in page
    bound = explain(predictor.against_named(["AAA1", "BBB1"]), [ASKED[0]], rounds=1, edits=0, neighbours=2)
    (one,) = bound.rows
    assert len(one.neighbours) == 4 and [len(one.neighbours_of(task)) for task in (0, 1)] == [2, 2]
    assert {near.partner[:3] for near in one.neighbours_of(0)} == {"AAA"} and {near.partner[:3] for near in one.neighbours_of(1)} == {"BBB"}


@pytest.fixture(scope="module")
def attending():
    network = {**TINY_PAIRS["network"], "attention": 2, "attention_width": 8}
    members = {"pair_kernel": TINY_PAIR_KERNEL, "pair_network": {**TINY_PAIRS, "network": network}}
    recipes = {
        "network": RecipeConfig(predictor="pair_network", options=members["pair_network"], folds=2),
        "blend": RecipeConfig(predictor="blend", options={"members": members}, folds=2),
    }
    return {name: train(measured_pairs(), "affinity", recipe=recipe, split="none", device="cpu") for name, recipe in recipes.items()}


@pytest.mark.parametrize("name", ["network", "blend"])
def test_where_a_model_looked_survives_that_it_is_bound(attending, name):
    predictor, library = attending[name], some_pairs()
    if name == "blend":  # whatever the weights of so small a network are
        predictor = replace(predictor, model=replace(predictor.model, weights=np.array([[0.5, 0.5]])))
    own, bound = predictor.model.attended(library), predictor.against_named(["AAA1", "BBB1", "CCC1"])
    for row, task in enumerate([0, 1, 1, 2]):
        (told,) = bound.model.attended(library.take([row]).molecules, task)
        assert told.atoms == pytest.approx(own[row].atoms, abs=1e-5) and told.windows == pytest.approx(own[row].windows, abs=1e-5)
    (only,) = bound.only(["affinity_CCC1"]).model.attended(library.take([3]).molecules)
    assert only.windows == pytest.approx(own[3].windows, abs=1e-5)


def test_residues_that_were_attended_to_are_told(attending, tmp_path):
    predictor, library = attending["network"], some_pairs()
    found, own = explain(predictor, library, rounds=1, edits=0), predictor.model.attended(library)
    for row, one in enumerate(found.rows):
        sequence = PROTEINS[one.partner]
        (looked,) = one.residues
        assert len(looked) == 5
        for some, (first, last, share) in zip(looked, own[row].residues(5)):
            assert (some.first, some.last) == (first, min(last, len(sequence))) and some.share == pytest.approx(share, abs=1e-5)
            assert some.letters == sequence[some.first - 1 : some.last]
    bound = explain(predictor.against_named(["AAA1", "BBB1"]), [ASKED[0]], rounds=1, edits=0).rows[0]
    assert [some.share for some in bound.residues[0]] == pytest.approx([some.share for some in found.rows[0].residues[0]], abs=1e-5)
    table = pd.read_csv(found.save(tmp_path / "why") / "residues.csv")
    assert list(table) == ["id", "partner", "task", "first", "last", "residues", "share"] and len(table) == 4 * 5
    page = explained_page(found, tmp_path / "page.html").read_text()
    assert page.count("residues attended to most, a hint only") == 4


def test_without_attention_no_residues_are_told(fitted, tmp_path):
    assert not fitted("pair_network").against_named(["AAA1"]).model.attends
    with pytest.raises(MolgenError, match="does not attend"):
        fitted("pair_network").against_named(["AAA1"]).model.attended(Library.of(["CCO"]))
    (tmp_path / "residues.csv").write_text("of before\n")
    found = explain(fitted("pair_network"), some_pairs(), rounds=1, edits=0)
    assert found.rows[0].residues == () and not found.residues().size
    assert "attended" not in explained_page(found, tmp_path / "page.html").read_text()
    assert not (found.save(tmp_path) / "residues.csv").exists()
