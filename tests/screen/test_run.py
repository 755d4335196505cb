"""Screening: every molecule accounted for, the best ones found, interruptions survived."""

import io
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.base.files import whole_file
from molgen.base.parallel import Pool, Serial
from molgen.chem.parse import Limits
from molgen.data import catalogue
from molgen.data.library import Library
from molgen.data.prepare import prepare
from molgen.data.writers import write
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import tanimoto
from molgen.score.diversity import pick
from molgen.score.folder import check_verb
from molgen.score.objective import Objective
from molgen.score.ranking import Counts
from molgen.screen import order
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


def piped(monkeypatch, path, **asked):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    return screen("-", OBJECTIVE, format="csv", executor=Serial(), **asked)


def test_standard_input_resumes_and_another_one_is_refused(drugs, tmp_path, monkeypatch):
    whole = screen(drugs, OBJECTIVE, chunk=100, executor=Serial())
    first = piped(monkeypatch, drugs, out=tmp_path / "run", chunk=100)
    part = tmp_path / "run" / "scores" / "part-000002.parquet"
    part.unlink()
    seen = []
    again = piped(monkeypatch, drugs, out=tmp_path / "run", chunk=100, progress=lambda *told: seen.append(told[2]))
    assert sorted(seen) == ["found scored"] * 3 + ["ranking", "screened"]
    for ranking in (first, again):
        pd.testing.assert_frame_equal(ranking.frame, whole.frame)
    before = (tmp_path / "run" / "ranking.csv").read_bytes()
    lines = drugs.read_text(encoding="utf-8").splitlines(keepends=True)
    others = {
        "one cell": [*lines[:-1], lines[-1].rstrip("\r\n") + "x\n"],
        "shorter": lines[:301],
        "a column more": [line.rstrip("\r\n") + ",more\n" for line in lines],
        "empty": lines[:1],
    }
    for name, text in others.items():
        (tmp_path / "other.csv").write_text("".join(text), encoding="utf-8")
        with pytest.raises(MolgenError, match="another input"):
            piped(monkeypatch, tmp_path / "other.csv", out=tmp_path / "run", chunk=100)
        assert (tmp_path / "run" / "ranking.csv").read_bytes() == before, name


def test_the_provenance_tells_one_standard_input_from_another(tmp_path, monkeypatch):
    keys = []
    for text in ("smiles\nCCO\n", "smiles\nCCN\n", "smiles\nCCN\n"):
        (tmp_path / "in.csv").write_text(text)
        keys.append(piped(monkeypatch, tmp_path / "in.csv").provenance.key)
    assert keys[0] != keys[1] == keys[2]


def test_a_finished_run_needs_no_workers_whatever_its_goals_are(tmp_path):
    lengths = Objective.of([{"term": "function", "name": "f", "call": lambda smiles: [len(text) / 20 for text in smiles]}])
    first = screen(Library.of(["CCO", "CCCN"]), lengths, out=tmp_path)
    again = screen(Library.of(["CCO", "CCCN"]), lengths, out=tmp_path)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    (tmp_path / "scores" / "part-000000.parquet").unlink()
    with pytest.raises(MolgenError, match=r"(?s)can't be sent to other processes.*lambda.*module that can be imported.*Serial\(\)"):
        screen(Library.of(["CCO", "CCCN"]), lengths, out=tmp_path)
    pd.testing.assert_frame_equal(screen(Library.of(["CCO", "CCCN"]), lengths, out=tmp_path, executor=Serial()).frame, first.frame)


def test_a_diverse_ranking_looks_behind_any_number_of_analogues():
    analogues = [f"{'C' * n}O" for n in range(12, 411)]
    unlike = ["c1ccccc1", "CC#N", "O=S(=O)(N)N", "C1CC1", "ClC(Cl)Cl", "N#CC#N", "OO", "[nH]1cccn1"]
    objective = Objective.of([{"term": "function", "name": "f", "call": lambda texts: [1.0 if len(text) > 12 else 0.5 for text in texts]}])
    library = Library.of(analogues + unlike)
    ranking = screen(library, objective, top=5, diverse=0.35, executor=Serial(), chunk=50)
    plain = pick(library.smiles, 5, most_alike=0.35)
    assert [library.ids[row] for row in plain] == ranking.ids and len(ranking) == 5
    assert ranking.counts == Counts(read=407, ranked=5, cut=402, rejected=0, duplicates=0)


@given(st.lists(st.sampled_from([0.1, 0.5, 0.5, 0.9, 1.0]), max_size=30), st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_rows_come_in_the_order_of_plain_sorting_however_many_files_they_lie_in(scores_of, held):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_HELD", held)
        patch.setattr(order, "_DRAWN", 2)
        kept = order.Order(Path(folder))
        for start in range(0, len(scores_of), 4):
            some = np.array(scores_of[start : start + 4])
            kept.add(some, np.arange(start, start + len(some)))
        assert list(kept) == np.argsort(-np.array(scores_of), kind="stable").tolist()


def test_a_folder_of_another_verb_is_refused(tmp_path):
    (tmp_path / "provenance.json").write_text('{"verb": "generate"}')
    with pytest.raises(MolgenError, match="the folder holds a run of generate"):
        screen(Library.of(["CCO"]), OBJECTIVE, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["provenance.json"]


def test_a_ranking_screened_again_and_again_keeps_every_column(tmp_path):
    path = tmp_path / "library.csv"
    path.write_text("id,smiles\na,CCO\nb,c1ccccc1O\n")
    for turn in range(3):
        ranking = screen(path, OBJECTIVE, out=tmp_path / f"run_{turn}", executor=Serial())
        path = tmp_path / f"run_{turn}" / "ranking.csv"
    assert ranking.frame.columns.is_unique
    assert {"input_molgen_rank", "input_molgen_rank_2"} <= set(ranking.frame.columns)


def test_whole_numbers_stay_whole_beside_empty_cells(tmp_path):
    table = pd.DataFrame({"smiles": ["CCO", "CCC", "CC"], "registry": pd.array([9007199254740993, None, 7], dtype="Int64")})
    table.to_parquet(tmp_path / "library.parquet")
    screen(tmp_path / "library.parquet", OBJECTIVE, out=tmp_path / "run", executor=Serial())
    assert set(pd.read_csv(tmp_path / "run" / "ranking.csv", dtype=str)["registry"].dropna()) == {"9007199254740993", "7"}


def test_a_file_of_somebody_elses_is_not_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ranking.csv").write_text("smiles\nCCO\n")
    with pytest.raises(MolgenError, match="is no run's"):
        screen("ranking.csv", OBJECTIVE, out=".", executor=Serial())
    assert Path("ranking.csv").read_text() == "smiles\nCCO\n"


def test_a_draft_of_another_file_beside_the_run_is_left_alone(tmp_path):
    source = tmp_path / "library.smi"
    source.write_text("CCO\n")
    with whole_file(tmp_path / "predicted.csv") as draft:
        screen(source, OBJECTIVE, out=tmp_path, executor=Serial())
        draft.write_text("whole")
    assert (tmp_path / "predicted.csv").read_text() == "whole"


def test_a_file_whose_name_is_no_text_is_screened(tmp_path):
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.smi"))
    source.write_text("CCO\n")
    screen(source, OBJECTIVE, out=tmp_path / "run", executor=Serial())
    assert "caf\\udce9.smi" in (tmp_path / "run" / "provenance.json").read_text()


def test_another_column_of_the_same_molecules_is_another_input(tmp_path):
    screen(Library.of(["CCO", "CCN"], columns={"price": [1, 2]}), OBJECTIVE, out=tmp_path)
    with pytest.raises(MolgenError, match="another input"):
        screen(Library.of(["CCO", "CCN"], columns={"price": [5, 6]}), OBJECTIVE, out=tmp_path)
    assert sorted(screen(Library.of(["CCO", "CCN"], columns={"price": [1, 2]}), OBJECTIVE, out=tmp_path).frame["price"]) == [1, 2]


@pytest.mark.parametrize("cells", [["5", ">6", 7], [1, "a", None], [1.5, True, "x"]])
def test_a_column_of_several_types_is_screened(cells, tmp_path):
    library = Library.from_frame(pd.DataFrame({"smiles": ["CCO", "CCN", "CCC"], "z": pd.Series(cells, dtype=object)}))
    for ranking in (screen(library, OBJECTIVE), screen(library, OBJECTIVE, out=tmp_path)):
        told = dict(zip(ranking.frame["smiles"], ranking.frame["z"]))
        shown = [None if pd.isna(told[text]) else told[text] for text in ("CCO", "CCN", "CCC")]
        assert shown == [None if cell is None else str(cell) for cell in cells]


def test_categories_through_a_pipe_go_on(tmp_path, monkeypatch):
    table = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC", "CCCC"], "kind": pd.Categorical(["a", "b", "a", "c"])})
    table.to_parquet(tmp_path / "in.parquet")
    frames = []
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / "in.parquet").read_bytes())))
        frames.append(screen("-", OBJECTIVE, format="parquet", out=tmp_path / "run", chunk=2).frame)
    assert frames[0].equals(frames[1]) and sorted(frames[0]["kind"]) == ["a", "a", "b", "c"]


@pytest.mark.parametrize("name", ["run:1", "s3:x", os.fsdecode(b"run\xe9")])
def test_a_folder_may_have_any_name_and_be_told_from_where_one_is(drugs, tmp_path, monkeypatch, name):
    """Of Parquet files too, where a colon makes an address of a relative path."""
    monkeypatch.chdir(tmp_path)
    ranking = screen(drugs, OBJECTIVE, out=name, top=5, chunk=100, executor=Serial())
    assert screen(drugs, OBJECTIVE, out=name, top=5, chunk=100, executor=Serial()).ids == ranking.ids
    library = Path(f"{name}.parquet")
    prepare(drugs, library, executor=Serial())
    assert screen(library, OBJECTIVE, top=5, executor=Serial()).ids == ranking.ids


def test_a_request_that_failed_before_anything_was_scored_claims_no_folder(tmp_path):
    table = tmp_path / "two.csv"
    table.write_text("smiles,canonical_smiles\nCCO,CCO\n")
    with pytest.raises(MolgenError, match="2 columns could be meant"):
        screen(table, OBJECTIVE, out=tmp_path / "run", executor=Serial())
    assert len(screen(table, OBJECTIVE, out=tmp_path / "run", smiles_col="smiles", executor=Serial())) == 1
    with pytest.raises(MolgenError, match="another choice of columns"):
        screen(table, OBJECTIVE, out=tmp_path / "run", smiles_col="canonical_smiles", executor=Serial())


def test_a_request_that_failed_leaves_the_folder_to_others(tmp_path):
    (tmp_path / "two.csv").write_text("smiles,canonical_smiles\nCCO,CCO\n")
    with pytest.raises(MolgenError, match="2 columns could be meant"):
        screen(tmp_path / "two.csv", OBJECTIVE, out=tmp_path / "run", executor=Serial())
    check_verb(tmp_path / "run", "generate")
    (tmp_path / "run" / "ranking.csv").write_text("mine")
    with pytest.raises(MolgenError, match="stands where the run would write"):
        screen(tmp_path / "two.csv", OBJECTIVE, out=tmp_path / "run", smiles_col="smiles", executor=Serial())


def test_a_run_that_ranks_nothing_has_the_columns_of_its_input_and_its_goals(tmp_path):
    for name, smiles in (("some", "CCO"), ("none", "C1CC")):
        (tmp_path / f"{name}.csv").write_text(f"smiles,batch\n{smiles},7\n")
        screen(tmp_path / f"{name}.csv", OBJECTIVE, out=tmp_path / name, executor=Serial())
    some, none = (pd.read_csv(tmp_path / name / "ranking.csv") for name in ("some", "none"))
    assert len(some) == 1 and not len(none) and some.columns.tolist() == none.columns.tolist()


def test_what_is_no_screen_of_molecules_is_refused(tmp_path):
    sequence = "MKTAYIAKQR" * 4
    pairs = Library.of(["CCO", "CCO"], columns={"sequence": [sequence, sequence[1:]]}).paired("target")
    with pytest.raises(MolgenError, match="of pairs"):
        screen(pairs, OBJECTIVE)
    with pytest.raises(MolgenError, match="a folder, want a file"):
        screen(tmp_path, OBJECTIVE)
    with pytest.raises(MolgenError, match="want a folder"):
        screen(Library.of(["CCO"]), OBJECTIVE, out="-")
    with pytest.raises(MolgenError, match="no scores of a run"):
        scores(tmp_path)


def test_a_campaigns_folder_is_no_screens(tmp_path):
    (tmp_path / "provenance.json").write_text('{"verb": "campaign"}')
    with pytest.raises(MolgenError, match="a run of campaign"):
        screen(Library.of(["CCO"]), OBJECTIVE, out=tmp_path)


def test_an_objectives_title_heads_its_run(tmp_path):
    (tmp_path / "o.toml").write_text('title = "Potent and safe"\n[[goal]]\nterm = "qed"\n')
    assert screen(Library.of(["CCO"]), tmp_path / "o.toml", executor=Serial()).summary()["title"] == "Potent and safe"
    (tmp_path / "o.toml").write_text('title = 7\n[[goal]]\nterm = "qed"\n')
    with pytest.raises(MolgenError, match="title is 7"):
        screen(Library.of(["CCO"]), tmp_path / "o.toml")
