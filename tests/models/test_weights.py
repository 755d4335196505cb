"""The models that come with molgen: there, small, offline, sane, and as good as the table says."""

import json
from pathlib import Path

import numpy as np
import pytest

from molgen.data.catalogue import benchmark_folder
from molgen.data.endpoints import endpoints, read_endpoint
from molgen.data.library import Library
from molgen.models.metrics import auroc
from molgen.models.predict import load
from molgen.models.shipped import shipped
from molgen.score.config import read_objective

SHARED = benchmark_folder()
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "tdc_admet.json"
TERFENADINE, MANNITOL = "CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1", "OCC(O)C(O)C(O)C(O)CO"
NITROSO = "CN(C)N=O"


@pytest.fixture(scope="module")
def models():
    return {name: load(name) for name in shipped() if name != "kinases"}


def test_both_tiers_are_there_and_small(models):
    assert models.keys() == {"admet", "admet-fast"}
    assert sum(path.stat().st_size for path in shipped().values()) <= 30e6
    for predictor in models.values():
        assert [task.name for task in predictor.tasks] == list(endpoints())
        assert not predictor.domain.known.told  # no data set inside


def test_every_row_has_its_answers_or_its_reason(models):
    library = Library.of([TERFENADINE, "C1CC", MANNITOL, TERFENADINE])
    for predictor in models.values():
        frame = predictor.predict(library).to_frame()
        assert len(frame) == 4 and frame["molgen_error"][1] and (frame.iloc[0, 12:].dropna() == frame.iloc[3, 12:].dropna()).all()
        for endpoint in endpoints().values():
            good = frame.loc[[0, 2, 3]]
            name = f"molgen_{endpoint.name}"
            assert np.isnan(frame.loc[1, name]) and good[f"{name}_drug_percentile"].between(0, 100).all()
            if endpoint.kind == "classification":
                assert good[name].between(0, 1).all()
            else:
                assert (good[f"{name}_low"] <= good[name]).all() and (good[name] <= good[f"{name}_high"]).all()


def test_well_known_molecules_are_told_apart(models):
    for predictor in models.values():
        said = predictor.predict([TERFENADINE, MANNITOL, NITROSO])
        value = {task.name: said.mean[:, i] for i, task in enumerate(predictor.tasks)}
        assert value["herg_blocker_10um_probability"][0] > 0.7 > 0.2 > value["herg_blocker_10um_probability"][1]
        assert value["logd74"][0] > value["logd74"][1] + 2
        assert value["solubility_log_mol_per_l"][1] > value["solubility_log_mol_per_l"][0] + 2
        assert value["ames_mutagen_probability"][2] > value["ames_mutagen_probability"][1]


def test_a_goal_of_an_objective_asks_a_model_of_ours_by_name(tmp_path, models):
    (tmp_path / "o.toml").write_text('[[goal]]\nterm = "prediction"\nmodel = "admet-fast"\ntask = "herg_blocker_10um_probability"\n')
    scores = read_objective(tmp_path / "o.toml").score(Library.of([TERFENADINE, MANNITOL]))
    said = models["admet-fast"].only(["herg_blocker_10um_probability"]).predict([TERFENADINE, MANNITOL]).mean[:, 0]
    assert scores.raw[:, 0] == pytest.approx(said, abs=1e-6)


def test_a_folder_that_is_no_model_does_not_hide_one_of_ours(tmp_path, monkeypatch):
    (tmp_path / "admet-fast").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(load("admet-fast").tasks) == len(endpoints())


@pytest.mark.skipif(SHARED is None, reason="no MOLGEN_DATA")
@pytest.mark.parametrize("name", ["dili_probability", "herg_blocker_probability"])
def test_the_figures_of_the_table_are_those_of_these_weights(models, name):
    endpoint = endpoints()[name]
    table = read_endpoint(SHARED, endpoint)
    tests = Library.from_frame(table[table["part"] == "test"].reset_index(drop=True))
    records = json.loads(RESULTS.read_text(encoding="utf-8"))
    for system, predictor in models.items():
        (told,) = (
            r["value"]
            for r in records
            if (r["task"], r["variant"], r["system"], r["metric"]) == (endpoint.dataset, "siblings", f"molgen {system}", "auroc")
        )
        said = predictor.only([name]).predict(tests)
        assert auroc(tests.rows.columns["value"].to_numpy(float), said.mean[:, 0]) == pytest.approx(told, abs=0.01)
