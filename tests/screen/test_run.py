"""Screening: every molecule accounted for, the best ones found, interruptions survived."""

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool, Serial
from molgen.chem.parse import Limits
from molgen.data import catalogue
from molgen.data.library import Library
from molgen.data.writers import write
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import tanimoto
from molgen.score.objective import Objective
from molgen.score.ranking import Counts
from molgen.screen import run as screening
from molgen.screen.run import scores, screen

OBJECTIVE = Objective.of(
    [{"term": "qed"}, {"term": "property", "property": "logp", "curve": {"kind": "range", "low": 1, "high": 3, "margin": 2}}]
)
POOL = ["CCO", "OCC", "c1ccccc1", "C1CC", "", "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1", "СCO"]


@pytest.fixture(scope="module")
def drugs(tmp_path_factory):
    rows = catalogue.load_rows("chembl_drugs")
    path = tmp_path_factory.mktemp("drugs") / "drugs.csv"
    write(rows.columns.iloc[:400], path, structures=[], ids=[])
    return path


@given(st.lists(st.sampled_from(POOL), max_size=20), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_the_counts_close_and_the_order_is_that_of_plain_sorting(smiles, top):
    library = Library.of(smiles)
    ranking = screen(library, OBJECTIVE, top=top)
    assert ranking.counts.read == len(smiles)
    assert ranking.counts.rejected == int((~library.ok).sum())
    distinct = library.distinct()
    total = OBJECTIVE.score(distinct).total
    plain = [distinct.ids[i] for i in np.argsort(-total, kind="stable")][:top]
    assert ranking.ids == plain


def test_a_pool_of_processes_and_one_process_rank_alike(drugs):
    serial = screen(drugs, OBJECTIVE, top=50, chunk=100, executor=Serial())
    pool = screen(drugs, OBJECTIVE, top=50, chunk=100, executor=Pool(workers=2))
    pd.testing.assert_frame_equal(serial.frame, pool.frame)


def test_the_size_of_a_chunk_changes_no_rank(drugs):
    frames = [screen(drugs, OBJECTIVE, top=50, chunk=size, executor=Serial()).frame for size in (37, 1_000)]
    pd.testing.assert_frame_equal(*frames)


def test_an_interrupted_run_resumes_to_the_same_bytes(drugs, tmp_path):
    screen(drugs, OBJECTIVE, out=tmp_path / "whole", top=30, chunk=100, executor=Serial())

    def stop_at_300(done, total, what):
        assert total == 400
        if done >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(drugs, OBJECTIVE, out=tmp_path / "broken", top=30, chunk=100, executor=Serial(), progress=stop_at_300)
    assert not (tmp_path / "broken" / "ranking.csv").exists()
    left = sum(len(frame) for frame in scores(tmp_path / "broken"))
    assert 0 < left < 400
    screen(drugs, OBJECTIVE, out=tmp_path / "broken", top=30, chunk=100, executor=Serial())
    for name in ("ranking.csv", "ranking.sdf", "rejects.csv", "run.json"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_part_that_is_missing_in_the_middle_is_scored_again(drugs, tmp_path):
    screen(drugs, OBJECTIVE, out=tmp_path, top=30, chunk=100, executor=Serial())
    before = (tmp_path / "ranking.csv").read_bytes()
    part = tmp_path / "scores" / "part-000001.parquet"
    kept = part.read_bytes()
    part.unlink()
    (tmp_path / "scores" / ".partial-xyzpart-000001.parquet").write_bytes(b"half of a par")
    (tmp_path / ".partial-xyzranking.sdf").write_bytes(b"half of a rank")
    seen = []
    screen(drugs, OBJECTIVE, out=tmp_path, top=30, chunk=100, executor=Serial(), progress=lambda *told: seen.append(told))
    assert sorted(what for _, _, what in seen) == ["found scored", "found scored", "found scored", "ranking", "screened"]
    assert part.read_bytes() == kept
    assert (tmp_path / "ranking.csv").read_bytes() == before
    assert not list(tmp_path.rglob(".partial-*"))


def test_a_folder_of_another_run_is_refused_naming_the_difference(drugs, tmp_path):
    screen(drugs, OBJECTIVE, out=tmp_path, top=5, executor=Serial())
    with pytest.raises(MolgenError, match="another objective"):
        screen(drugs, Objective.of([{"term": "qed"}]), out=tmp_path, top=5)
    with pytest.raises(MolgenError, match="another input"):
        screen(Library.of(["CCO"]), OBJECTIVE, out=tmp_path)
    with pytest.raises(MolgenError, match="another chunk size"):
        screen(drugs, OBJECTIVE, out=tmp_path, top=5, chunk=10)
    with pytest.raises(MolgenError, match="another limits and choice of columns"):
        screen(drugs, OBJECTIVE, out=tmp_path, smiles_col="smiles", limits=Limits(heavy_atoms=20))


def test_a_folder_in_which_a_run_is_at_work_is_refused_with_its_process(drugs, tmp_path):
    def another(done, total, what):
        with pytest.raises(MolgenError, match=rf"(?s)another run is at work.*{os.getpid()}"):
            screen(drugs, OBJECTIVE, out=tmp_path, executor=Serial())

    screen(drugs, OBJECTIVE, out=tmp_path, executor=Serial(), progress=another)
    screen(drugs, OBJECTIVE, out=tmp_path, executor=Serial())  # and let go of afterwards


def test_duplicates_far_apart_hold_one_place_and_rejects_are_all_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(screening, "_HELD", 2)
    smiles = ["CCO", "C1CC", "CCN", "OCC", "", "NCC", "CC[O-]", "C1CCC", "CCC"]
    library = Library.of(smiles)
    ranking = screen(library, OBJECTIVE, out=tmp_path, chunk=2, executor=Serial())
    assert ranking.counts == Counts(read=9, ranked=3, cut=0, rejected=3, duplicates=3)
    assert {"row_1", "row_3", "row_9"} == set(ranking.ids)
    assert ranking.rejects["id"].tolist() == ["row_2", "row_5"]
    assert pd.read_csv(tmp_path / "rejects.csv")["id"].tolist() == ["row_2", "row_5", "row_8"]
    ranking.save(tmp_path / "copy")
    assert (tmp_path / "copy" / "rejects.csv").read_bytes() == (tmp_path / "rejects.csv").read_bytes()


def test_every_score_is_kept_in_the_order_of_the_library(drugs, tmp_path):
    screen(drugs, OBJECTIVE, out=tmp_path, top=5, executor=Serial())
    table = pd.concat(scores(tmp_path))
    assert table["row"].tolist() == list(range(400))
    assert table["id"].tolist() == pd.read_csv(drugs)["id"].tolist()


def test_a_diverse_ranking_holds_no_two_molecules_more_alike_than_asked(drugs):
    ranking = screen(drugs, OBJECTIVE, top=40, diverse=0.3, executor=Serial())
    bits = Fingerprint().of(Library.of(ranking.smiles))
    alike = tanimoto(bits, bits) - np.eye(len(bits))
    assert alike.max() <= 0.3
    assert len(ranking) == 40


def test_equal_scores_keep_the_order_of_the_library():
    library = Library.of(["CCCl", "CCO", "CCN"])
    flat = Objective.of([{"term": "substructure", "smarts": "CC"}])
    assert screen(library, flat).ids == ["row_1", "row_2", "row_3"]


@pytest.mark.parametrize("wrong", [{"top": 0}, {"diverse": 0.0}, {"diverse": 1.5}])
def test_impossible_requests_are_refused(wrong):
    with pytest.raises(MolgenError):
        screen(Library.of(["CCO"]), OBJECTIVE, **wrong)


def test_a_missing_file_is_named():
    with pytest.raises(MolgenError, match=r"nowhere\.smi"):
        screen("nowhere.smi", OBJECTIVE)
