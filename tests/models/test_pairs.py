from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.cli.main import main
from molgen.data.catalogue import load
from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.partners import Pairing, Partners
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.models.base import Task, Training
from molgen.models.card import LIMITS
from molgen.models.evaluate import evaluate
from molgen.models.network import Beside
from molgen.models.pair_network import PairModel
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig, to_toml
from molgen.models.sight import Sight
from molgen.models.train import train
from tests.models.conftest import PROTEINS, TINY_PAIR_BOOSTING, TINY_PAIR_KERNEL, TINY_PAIR_NEIGHBOURS, TINY_PAIRS, pairs, series

ASKED = ["CCO", "C1CC", "c1ccccc1C", "OCC"]
KNOWN = Proteins.of(list(PROTEINS.values())).called(list(PROTEINS))


def recipe(**options):
    return RecipeConfig(predictor="pair_network", options={**TINY_PAIRS, **options}, folds=3)


def test_a_pair_says_the_same_whatever_it_stands_among(fitted):
    model, library = fitted("pair_network"), pairs()
    whole = model.predict(library)
    some = np.random.default_rng(0).permutation(len(library))[:40]
    assert np.allclose(model.predict(library.take(some)).mean, whole.mean[some], atol=1e-5)


def test_bound_to_proteins_it_says_of_molecules_what_it_says_of_the_pairs(fitted):
    model = fitted("pair_network")
    bound = model.against(KNOWN).predict(ASKED)
    assert [task.name for task in bound.tasks] == [f"affinity_{name}" for name in PROTEINS]
    assert np.isnan(bound.mean[1]).all() and np.array_equal(bound.mean[0], bound.mean[3])
    for i in range(len(KNOWN)):
        said = model.predict(Library.of(ASKED).paired_with(KNOWN, [i] * len(ASKED)))
        for what in ("mean", "spread", "low", "high", "closeness", "similarity"):
            assert np.allclose(getattr(bound, what)[:, i], getattr(said, what)[:, 0], atol=1e-5, equal_nan=True), what
        assert np.array_equal(bound.in_domain[:, i], said.in_domain[:, 0])


def test_it_learns_who_prefers_what(fitted):
    metrics = fitted("pair_network").card["metrics"]["affinity"]
    known = train(pairs(), "affinity", recipe=recipe(network={**TINY_PAIRS["network"], "epochs": 60}), split="column", split_column="part")
    assert metrics["test"]["n"] == known.card["metrics"]["affinity"]["test"]["n"] > 40
    assert known.card["metrics"]["affinity"]["test"]["pearson"] > 0.8


def test_a_saved_model_comes_back_whole(fitted, tmp_path):
    model, library = fitted("pair_network"), pairs()
    again = Predictor.load(model.save(tmp_path / "model"))
    one, other = model.predict(library), again.predict(library)
    for what in ("mean", "low", "high", "in_domain", "closeness"):
        assert np.array_equal(getattr(one, what), getattr(other, what)), what
    assert again.key == model.key and again.pairs == "target" and again.proteins.names == tuple(PROTEINS)
    light = Predictor.load(model.to_ship().save(tmp_path / "light")).predict(library)
    assert np.allclose(light.mean, one.mean, atol=5e-3) and not light.known.told


def test_keys_of_a_model_bound_to_other_proteins_differ(fitted):
    model = fitted("pair_network")
    assert len({model.key, model.against_named(["AAA1"]).key, model.against_named(["AAA2"]).key}) == 3


def test_a_known_protein_is_called_by_name_and_edited(fitted):
    bound = fitted("pair_network").against_named(["BBB1", "aaa1 K2R", PROTEINS["CCC1"]])
    assert bound.bound.partners.sequences[1] == "MRTAY" + PROTEINS["AAA1"][5:]
    assert bound.bound.closeness[[0, 2]].tolist() == [1.0, 1.0] and 0.8 < bound.bound.closeness[1] < 1.0
    assert [task.name for task in bound.only(["affinity_BBB1"]).tasks] == ["affinity_BBB1"]
    for wrong, says in (("ABL9", "no protein 'ABL9'"), ("AAA1 K3R", "residue 3 is T"), ("MKTAYIAKQR" * 4 + "1", "stands for no residue")):
        with pytest.raises(MolgenError, match=says):
            fitted("pair_network").against_named([wrong])


def test_of_a_file_the_proteins_that_can_be_read_are_asked_about(fitted, tmp_path, caplog):
    panel = tmp_path / "panel.fasta"
    panel.write_text(f">pep1\nMKTAYI\n>one\n{PROTEINS['AAA1']}\n>odd\nMRG*{PROTEINS['AAA1']}\n>two\n{PROTEINS['BBB1']}\n>AAA1\nAAA1\n")
    bound = fitted("pair_kernel").against_named([panel, "CCC1"])
    assert [task.name for task in bound.tasks] == ["affinity_one", "affinity_two", "affinity_CCC1"]
    told = "'*' stands for no residue (odd); 'AAA1' is no sequence (AAA1)"
    assert [record.getMessage() for record in caplog.records] == [
        f"{panel}: 3 of 5 proteins are left out: 6 residues, want 30 to 10000 (pep1); {told}"
    ]
    panel.write_text(">pep1\nMKTAYI\n>pep2\nMKTAYI\n")
    with pytest.raises(MolgenError, match=r"none of its proteins can be read: 6 residues, want 30 to 10000 \(pep1, pep2\)") as error:
        fitted("pair_kernel").against_named(["CCC1", panel])
    assert error.value.where == str(panel)
    with pytest.raises(MolgenError, match="no protein given"):
        fitted("pair_kernel").against_named([""])


def test_a_protein_that_is_named_twice_is_asked_about_once(fitted, tmp_path):
    one, other = PROTEINS["AAA1"], PROTEINS["BBB1"]
    (tmp_path / "twice.fasta").write_text(f">A\n{one}\n>A\n{one.lower()}\n>A\nMKT\n>B\n{one}\n")
    bound = fitted("pair_kernel").against_named([tmp_path / "twice.fasta", "AAA1", "AAA1", one + "KR", one + "KK"])
    assert [task.name for task in bound.tasks][:3] == ["affinity_A", "affinity_B", "affinity_AAA1"] and len(bound.tasks) == 5
    (tmp_path / "twins.fasta").write_text(f">A\n{one}\n>A\n{other}\n")
    with pytest.raises(MolgenError, match="two that differ are called 'A'") as error:
        fitted("pair_kernel").against_named([tmp_path / "twins.fasta"])
    assert error.value.where == str(tmp_path / "twins.fasta")


def test_two_proteins_of_one_name_are_two_answers(fitted):
    twins = KNOWN.take([0, 2]).called(["same", "same"])
    said = fitted("pair_network").against(twins).predict(ASKED)
    assert [task.name for task in said.tasks] == ["affinity_same", "affinity_same_2"]
    assert said.to_frame()["molgen_affinity_same_2"].tolist()[0] == said.mean[0, 1] != said.mean[0, 0]


def test_the_mean_stands_beside_a_model_of_pairs():
    found = evaluate(pairs(), "affinity", recipes={"pairs": recipe(), "mean": RecipeConfig(predictor="mean", folds=3)}, repeats=1)
    rmse = found[found["metric"] == "rmse"].set_index("system")["value"]
    assert set(rmse.index) == {"pairs", "mean"} and np.isfinite(rmse).all()


def test_a_protein_like_none_of_those_known_is_outside(fitted):
    model = fitted("pair_network")
    stranger = Proteins.of(["W" * 40])
    said = model.against(stranger).predict(series()["smiles"].tolist()[:5])
    assert model.domain.closest > 0 and not said.in_domain.any() and (said.closeness < model.domain.closest).all()
    assert model.against(KNOWN).predict(series()["smiles"].tolist()[:5]).in_domain[:, 0].all()


def test_rows_whose_protein_is_bad_are_rejects_and_nothing_is_lost():
    table = pairs().rows.columns.assign(protein=lambda own: own["protein"].where(own.index != 3, "ZZZ"))
    from molgen.data.partners import Pairing

    library = Pairing("target", listed=KNOWN)(Library.from_frame(table))
    (reject,) = library.rejects
    assert (reject.row, reject.stage) == (3, "partner") and "no protein 'ZZZ'" in reject.reason
    model = train(library, "affinity", recipe=recipe(), split="none")
    said = model.predict(library)
    assert np.isnan(said.mean[3]).all() and np.isfinite(np.delete(said.mean, 3)).all()
    counts = model.card["rows"]
    assert counts["rejected"] == 1
    assert counts["read"] == sum(counts[part] for part in ("rejected", "repeats", "unlabelled", "train", "valid", "test"))


def test_classes_are_chances(fitted):
    said = train(pairs(), "binds", recipe=recipe(), split="none").predict(pairs())
    assert said.tasks[0].kind == "classification" and ((said.mean >= 0) & (said.mean <= 1)).all()


@pytest.mark.parametrize("split", ["random", "scaffold", "partner"])
def test_each_split_holds_back_what_it_says(split):
    model = train(pairs(), "affinity", recipe=recipe(), split=split)
    assert model.card["metrics"]["affinity"]["test"]["n"] > 20


def test_identities_know_the_training_molecules_and_no_others():
    library = pairs()
    model = train(library, "affinity", recipe=recipe(identities=True, single=True), split="none")
    assert model.card["chosen"]["identities"] is True
    sight = model.model.sight
    own, strange = (sight.ligands(some).numbers for some in (library, Library.of(["CCCCCCCCO"])))
    molecules = len(library.molecules)
    assert (own[:, -molecules:] > 0).sum(axis=1).tolist() == [1] * molecules and not strange[:, -molecules:].any()


def test_recipes_for_molecules_refuse_pairs_and_the_other_way_round():
    with pytest.raises(MolgenError, match="learns from molecules alone"):
        train(pairs(), "affinity", recipe="kernel")
    with pytest.raises(MolgenError, match="learns from pairs"):
        train(Library.from_frame(series()), "logp", recipe=recipe())
    with pytest.raises(MolgenError, match="one"):
        train(pairs(), ["affinity", "logp"], recipe=recipe())


def test_asked_about_molecules_alone_it_wants_to_know_against_what(fitted):
    with pytest.raises(MolgenError, match="these are molecules alone"):
        fitted("pair_network").predict(ASKED)


def test_a_model_of_molecules_alone_takes_no_target(fitted):
    with pytest.raises(MolgenError, match="molecules alone"):
        fitted("kernel").against_named(["AAA1"])


def test_cell_lines_are_partners_like_proteins(tmp_path):
    rng = np.random.default_rng(0)
    lines = Profiles.of([f"line {i}" for i in range(6)], rng.normal(size=(6, 12)), [f"gene {i}" for i in range(12)])
    frame = series().merge(pd.DataFrame({"line": range(6)}), how="cross")
    library = Library.from_frame(frame).paired_with(lines, frame["line"].to_numpy())
    model = train(library, "logp", recipe=recipe(), split="partner")
    again = Predictor.load(model.save(tmp_path / "model"))
    assert again.domain.closest >= 0.1
    for strange in (lines.values * 1000, rng.normal(7, 100, size=(6, 12)), np.full((6, 12), 50.0)):
        assert not again.against(Profiles.of(lines.names, strange, lines.columns)).predict(ASKED).in_domain.any()
    assert again.against(lines).predict(["Cc1ccccc1"]).in_domain.sum() >= 5  # of the line held back nothing is known
    assert again.pairs == "context" and again.model.closeness(Partners(lines, np.arange(6))).max() == pytest.approx(1.0)
    shuffled = Profiles.of(lines.names, lines.values[:, ::-1], lines.columns[::-1])
    assert np.allclose(again.against(shuffled).predict(ASKED[2:]).mean, again.against(lines).predict(ASKED[2:]).mean)
    with pytest.raises(MolgenError, match="lack 11 of the 12"):
        again.against(Profiles.of(["x"], rng.normal(size=(1, 1)), ["gene 3"]))
    with pytest.raises(MolgenError, match="not with proteins"):
        again.against(KNOWN)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pair_kernel", {"new": "pairs", "identities": True, "sought_on": 60}),
        ("pair_neighbours", {"trees": 150, "learning_rate": 0.1, "leaves": 31, "bag": 1}),
    ],
)
def test_on_real_pairs_it_knows_more_than_what_each_molecule_and_each_kinase_does_on_the_mean(name, options):
    library = Pairing.of("target", column="sequence")(load("kiba_sample"))
    asked = np.random.default_rng(0).random(len(library)) < 0.2
    options = options | {"fingerprints": {"ecfp4": 1.0}, "size": 1024}
    recipe = RecipeConfig(predictor=name, options=options, folds=2, fold_method="random")
    model = train(library.take(np.flatnonzero(~asked)), "kiba_score", recipe=recipe, split="none")
    told = model.predict(library.take(np.flatnonzero(asked)))
    table = library.rows.columns.assign(kiba_score=labels(library, "kiba_score").values)
    known, truth = table[~asked], table["kiba_score"][asked]
    mean = known["kiba_score"].mean()
    means = sum(table[by][asked].map(known.groupby(by)["kiba_score"].mean()).fillna(mean) for by in ("id", "target")) - mean
    own, naive = (float(np.sqrt(((said - truth) ** 2).mean())) for said in (told.mean[:, 0], means))
    assert own < 0.9 * naive
    assert ((told.low[:, 0] <= truth) & (truth <= told.high[:, 0])).mean() == pytest.approx(0.9, abs=0.05)


KERNEL = TINY_PAIR_KERNEL | {"identities": False, "new": "molecules"}


def test_where_molecules_will_be_new_identities_are_what_each_has_of_its_own_and_no_more(tmp_path):
    library = pairs()
    own = train(library, "affinity", recipe=RecipeConfig(predictor="pair_kernel", options=KERNEL | {"identities": True}), split="none")
    settings = own.card["chosen"]["settings"]
    assert settings["molecules own"] > 0 and settings["partners own"] > 0 and not any("learned" in name for name in settings)
    again = Predictor.load(own.save(tmp_path / "model"))
    assert np.allclose(own.predict(library).mean, again.predict(library).mean, atol=1e-4)
    plain = train(library, "affinity", recipe=RecipeConfig(predictor="pair_kernel", options=KERNEL), split="none")
    assert not any("own" in name for name in plain.card["chosen"]["settings"])


def test_the_kernel_learns_who_prefers_what_and_comes_back_whole(fitted, tmp_path):
    by_kernel = fitted("pair_kernel")
    assert by_kernel.card["metrics"]["affinity"]["test"]["pearson"] > 0.9 and by_kernel.card["chosen"]["identities"] is True
    again, library = Predictor.load(by_kernel.save(tmp_path / "model")), pairs()
    one, other = by_kernel.predict(library), again.predict(library)
    assert np.allclose(one.mean, other.mean, atol=1e-4) and np.allclose(one.spread, other.spread, atol=1e-3)
    bound = again.against(KNOWN).predict(library.molecules)
    rows, columns = library.molecule_of_row, library.partners.of_row
    assert np.allclose(bound.mean[rows, columns], other.mean[:, 0], atol=1e-4)


@pytest.mark.parametrize("new", ["pairs", "molecules", "partners", "both"])
def test_the_kernel_is_for_what_will_be_new(new):
    made = RecipeConfig(predictor="pair_kernel", options={**KERNEL, "new": new}, folds=3)
    said = train(pairs(), "affinity", recipe=made, split="none").predict(pairs())
    assert np.corrcoef(said.mean[:, 0], pairs().rows.columns["affinity"])[0, 1] > 0.9
    assert (said.spread > 0).all()


def test_settings_that_are_given_are_those_it_has_and_others_are_refused():
    made = RecipeConfig(predictor="pair_kernel", options=KERNEL, folds=3)
    settings = train(pairs(), "affinity", recipe=made, split="none").card["chosen"]["settings"] | {"noise": 0.7}
    given = RecipeConfig(predictor="pair_kernel", options={**KERNEL, "settings": settings}, folds=3)
    assert train(pairs(), "affinity", recipe=given, split="none").card["chosen"]["settings"] == settings
    for wrong in ({"noise": 0.7}, settings | {"noise": 0.0}):
        with pytest.raises(MolgenError, match="settings"):
            train(pairs(), "affinity", recipe=RecipeConfig(predictor="pair_kernel", options={**KERNEL, "settings": wrong}), split="none")


@pytest.mark.parametrize("name", ["pair_boosting", "pair_neighbours"])
def test_trees_learn_who_prefers_what_and_come_back_whole(fitted, tmp_path, name):
    by_trees = fitted(name)
    assert by_trees.card["metrics"]["affinity"]["test"]["pearson"] > 0.9
    again, library = Predictor.load(by_trees.save(tmp_path / "model")), pairs()
    one, other = by_trees.predict(library), again.predict(library)
    assert np.array_equal(one.mean, other.mean) and np.array_equal(one.spread, other.spread)
    light = Predictor.load(by_trees.to_ship().save(tmp_path / "light"))
    assert np.allclose(light.predict(library).mean, one.mean, atol=0.01)
    bound = again.against(KNOWN).predict(library.molecules)
    assert np.allclose(bound.mean[library.molecule_of_row, library.partners.of_row], other.mean[:, 0])


def test_trees_of_other_columns_are_refused(fitted, tmp_path):
    folder = fitted("pair_boosting").save(tmp_path / "model")
    (text,) = folder.rglob("booster-0-0.txt")
    text.write_text(text.read_text().replace("max_feature_idx=", "max_feature_idx=9"))
    with pytest.raises(MolgenError, match="booster-0-0"):
        Predictor.load(folder)


@pytest.mark.parametrize(("name", "options"), [("pair_kernel", KERNEL), ("pair_neighbours", TINY_PAIR_NEIGHBOURS)])
def test_of_many_molecules_some_are_kept(name, options):
    made = RecipeConfig(predictor=name, options={**options, "most_molecules": 10}, folds=3)
    assert train(pairs(), "affinity", recipe=made, split="none").card["chosen"]["molecules"] == 10


def test_a_blend_of_pairs_says_of_molecules_what_it_says_of_pairs():
    members = {"pair_kernel": KERNEL, "pair_boosting": TINY_PAIR_BOOSTING, "pair_network": TINY_PAIRS}
    members["pair_neighbours"] = TINY_PAIR_NEIGHBOURS
    model = train(pairs(), "affinity", recipe=RecipeConfig(options={"members": members}, folds=3), split="none")
    bound = model.against(KNOWN).predict(ASKED[2:])
    for i in range(len(KNOWN)):
        said = model.predict(Library.of(ASKED[2:]).paired_with(KNOWN, [i] * 2))
        assert np.allclose(bound.mean[:, i], said.mean[:, 0], atol=1e-4) and np.allclose(bound.low[:, i], said.low[:, 0], atol=1e-3)
    with pytest.raises(MolgenError, match="take one kind"):
        RecipeConfig(options={"members": {"pair_kernel": KERNEL, "kernel": {}}}).build()


def test_a_network_that_attends_says_where_it_looked_and_comes_back(tmp_path):
    network = {**TINY_PAIRS["network"], "attention": 2, "attention_width": 8}
    model = train(pairs(), "affinity", recipe=recipe(network=network), split="none")
    folder = model.save(tmp_path / "model")
    again, asked = Predictor.load(folder), pairs().take(range(6))
    assert np.array_equal(again.predict(asked).mean, model.predict(asked).mean)
    own = again.model
    assert isinstance(own, PairModel)
    told = own.attended(asked)
    assert [len(one.atoms) for one in told] == [mol.GetNumAtoms() for mol in np.array(asked.molecules.mols)[asked.molecule_of_row]]
    first, last, share = told[0].residues(3)[0]
    assert last - first == 3 and share == told[0].windows.max() and np.isclose(told[0].atoms.sum(), 1.0, atol=1e-5)


def test_attention_is_refused_where_there_are_no_residues_and_unless_it_was_trained(fitted):
    lines = Profiles.of(["one", "two"], np.eye(2), ["gene 1", "gene 2"])
    with pytest.raises(MolgenError, match="a cell line has none"):
        Sight.of(Beside(), Library.of(["CCO", "CCN"]).paired_with(lines, [0, 1]), identities=False, attends=True)
    plain = fitted("pair_network").model
    assert isinstance(plain, PairModel)
    with pytest.raises(MolgenError, match="does not attend"):
        plain.attended(pairs())


def test_a_model_of_one_protein_says_nothing_of_others():
    library = pairs()
    alone = library.take([i for i, name in enumerate(library.rows.columns["protein"]) if name == "AAA1"])
    said = train(alone, "affinity", recipe=recipe(), split="none").against(KNOWN).predict(["Cc1ccccc1"])
    assert said.in_domain[0].tolist() == [True, True, False, False, False]


def test_tautomers_are_told_apart_among_pairs_too(fitted):
    one, other = "Cc1cc(NC(=O)CC)n[nH]1", "Cc1cc(NC(=O)CC)[nH]n1"  # InChI takes them for one
    model = fitted("pair_boosting")
    asked = [[one, other], [other, one], [other]]
    each = [model.predict(Library.of(rows).paired_with(KNOWN, [0] * len(rows))).mean[:, 0] for rows in asked]
    assert each[0][1] == each[1][0] == each[2][0] and each[0][0] == each[1][1]


def test_who_a_network_has_not_learned_from_is_nobody_to_it():
    library, rng = pairs(), np.random.default_rng(0)
    values = library.rows.columns["affinity"].to_numpy(dtype=float)[:, None]
    held = library.molecule_of_row % 3 == 0
    made = recipe(identities=True).build()
    model = made.learn(Training(library, np.where(held[:, None], np.nan, values), (Task("y"),)))
    strangers = set(np.array(library.molecules.inchikeys)[np.unique(library.molecule_of_row[held])])
    known = tuple(f"nobody {i}" if key in strangers else key for i, key in enumerate(model.sight.known))
    blind = replace(model, sight=replace(model.sight, known=known))
    assert np.allclose(model.predict(library).mean[held], blind.predict(library).mean[held], atol=1e-4)
    asked = library.take(np.flatnonzero(~held)[rng.permutation(20)])
    nobody = replace(model, sight=replace(model.sight, known=tuple(f"nobody {i}" for i in range(len(known)))))
    assert np.abs(model.predict(asked).mean - nobody.predict(asked).mean).mean() > 1e-3


def test_intervals_that_promise_nothing_of_the_partners_asked_about_say_so(tmp_path, capsys):
    said = {}
    for method, split in (("scaffold", "partner"), ("partner", "partner"), ("scaffold", "scaffold")):
        config = RecipeConfig(predictor="pair_kernel", options=TINY_PAIR_KERNEL, folds=2, fold_method=method)
        said[method, split] = train(pairs(), "affinity", recipe=config, split=split).card["limits"][len(LIMITS) :]
    told = said.pop(("scaffold", "partner"))
    assert len(told) == 1 and "asks about new proteins" in told[0] and "scaffold folds" in told[0] and not any(said.values())
    table = pairs().rows.columns.assign(protein=lambda own: own["protein"].map(PROTEINS))
    table.to_csv(tmp_path / "pairs.csv", index=False)
    recipe = RecipeConfig(predictor="pair_kernel", options=TINY_PAIR_KERNEL, folds=2, fold_method="scaffold")
    (tmp_path / "recipe.toml").write_text(to_toml(recipe.model_dump()))
    asked = ["--target", "affinity", "--parts", "ligand,target", "--part-col", "protein", "--recipe", str(tmp_path / "recipe.toml")]
    with pytest.raises(SystemExit) as done:
        main(["train", "--data", str(tmp_path / "pairs.csv"), *asked, "--split", "partner", "--workers", "1", "-o", str(tmp_path / "m")])
    assert done.value.code in (0, None) and "asks about new proteins" in " ".join(capsys.readouterr().err.split())
