"""The demo's campaign, small: every file is there, the account closes, the same seed says the same."""

import json

import pandas as pd
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.base.parallel import Serial
from molgen.campaign.jak2 import CampaignConfig, campaign
from molgen.data import catalogue

SMALL = CampaignConfig(preset="kernel", library=150, budget=40, top=60, proposals=10)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return campaign(tmp_path_factory.mktemp("campaign") / "run", SMALL, executor=Serial())


def test_every_promised_file_is_written(found):
    for name in ("report.html", "ranking.csv", "ranking.sdf", "proposals.csv", "rejects.csv", "provenance.json", "run.json"):
        assert (found.folder / name).stat().st_size, name


def test_the_account_closes(found):
    counts = found.summary["counts"]
    assert counts["read"] == counts["ranked"] + counts["cut"] + counts["rejected"] + counts["duplicates"]
    assert counts["read"] == 150 + found.summary["enrichment"]["actives"]


def test_hidden_actives_are_the_potent_test_molecules_and_none_was_trained_on(found):
    table = catalogue.load_rows("jak2_ki").columns
    potent = table[(table["split"] == "test") & (table["pKi"].astype(float) >= 7)]["id"]
    library = pd.read_csv(found.folder / "library.csv.gz")
    hidden = library[library["source"] == "JAK2 test active"]["id"]
    assert sorted(hidden) == sorted(potent)
    trained = {known for known in found.models["jak2"].domain.known.ids}
    assert not trained & set(hidden)


def test_the_model_beats_the_mean_on_the_official_test_part(found):
    for model in found.summary["models"]:
        rmse = {row["system"]: row["rmse"] for row in model["rows"]}
        assert rmse["model"] < 0.6 * rmse["mean of training values"]


def test_hidden_actives_come_first(found):
    assert found.summary["enrichment"]["auroc"] > 0.8


def test_proposals_are_new_and_valid(found):
    measured = {key for name in ("jak2_ki", "jak1_ki") for key in catalogue.load(name).inchikeys}
    assert len(found.proposals)
    assert not measured & {Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)) for smiles in found.proposals.smiles}
    assert (found.proposals.frame["molgen_alert_names"] == "").all()


def test_the_same_seed_gives_the_same_tables(found, tmp_path):
    again = campaign(tmp_path / "again", SMALL, executor=Serial())
    for name in ("ranking.csv", "proposals.csv", "rejects.csv"):
        assert (again.folder / name).read_bytes() == (found.folder / name).read_bytes(), name
    assert {**json.loads((again.folder / "run.json").read_text())} == json.loads((found.folder / "run.json").read_text())


def test_an_interrupted_campaign_ends_and_does_not_go_on_with_less(tmp_path):
    def stop(step, done, total):
        if step == "generate":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        campaign(tmp_path / "run", SMALL, executor=Serial(), progress=stop)
    assert not (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize("name", ["objective.toml", "known.csv", "library.csv.gz", "proposals.csv", "report.html", "models", "ranking.csv"])
def test_somebodys_own_files_are_not_written_over(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(MolgenError, match="stands where the run would write"):
        campaign(tmp_path, SMALL, executor=Serial())
    assert [path.name for path in tmp_path.iterdir()] == [name] and (tmp_path / name).read_text() == "mine"
