"""The search: budget to the molecule, nothing twice, nothing known, and better than chance."""

import errno
import json

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts
from molgen.data.library import Library
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import tanimoto
from molgen.generate import run
from molgen.generate.base import Generator, Proposal
from molgen.generate.constraints import NONE
from molgen.generate.genetic import Genetic
from molgen.generate.ledger import Ledger
from molgen.generate.run import generate
from molgen.score.base import Reading, Term
from molgen.score.function import Function
from molgen.score.objective import Goal, Objective
from molgen.score.ranking import OWN_COLUMNS
from tests.generate.toys import SEEDS, counting, toy


@pytest.fixture(scope="module")
def ranking():
    return generate(toy(), seeds=SEEDS, budget=200, seed=1)


def test_the_budget_is_spent_to_the_molecule_and_none_is_scored_twice():
    objective, asked = counting()
    made = generate(objective, seeds=SEEDS, budget=137, batch=20)
    keys = Library.of(asked).inchikeys
    assert len(asked) == len(set(keys)) == 137
    assert made.extras["generation"]["calls"] == 137
    assert made.extras["generation"]["stop"] == "budget spent"


def test_counts_close_and_the_trace_never_falls(ranking):
    counts, trace = ranking.counts, ranking.extras["generation"]["trace"]
    assert counts.read == counts.ranked + counts.cut + counts.rejected + counts.duplicates
    assert trace["calls"][-1] == 200
    assert trace["best"] == sorted(trace["best"]) and trace["top10"] == sorted(trace["top10"])
    assert all(top10 <= best for top10, best in zip(trace["top10"], trace["best"]))


def test_proposals_are_ordered_novel_and_distinct_by_inchikey(ranking):
    frame, seeds = ranking.frame, Library.of(SEEDS)
    keys = [Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)) for smiles in frame["molgen_smiles"]]
    assert len(set(keys)) == len(keys) == 100
    assert not set(keys) & set(seeds.inchikeys)
    assert frame["molgen_score"].is_monotonic_decreasing
    assert frame["molgen_rank"].tolist() == list(range(1, 101))
    assert (frame["molgen_alert_names"] == "").all() and frame["molgen_novel"].all()
    assert "seed" not in set(frame["molgen_origin"])


def test_scores_in_the_table_are_those_of_the_objective(ranking):
    again = toy().score(Library.of(ranking.smiles))
    np.testing.assert_allclose(ranking.frame["molgen_score"], again.total)
    np.testing.assert_allclose(ranking.frame["molgen_QED"], again.raw[:, 1])


def test_same_seed_same_list_other_seed_other_list(ranking):
    assert generate(toy(), seeds=SEEDS, budget=200, seed=1).frame.equals(ranking.frame)
    assert generate(toy(), seeds=SEEDS, budget=200, seed=2).smiles != ranking.smiles


def test_it_beats_blind_children_of_the_same_number(ranking):
    def chance(seed):  # children of the seeds, never told a score
        blind = Genetic(seeds=SEEDS, opening=0).ask(200, np.random.default_rng(seed))
        return np.sort(toy().score(Library.of([proposal.smiles for proposal in blind])).total)[-10:].mean()

    rankings = [ranking, *(generate(toy(), seeds=SEEDS, budget=200, seed=seed) for seed in (2, 3))]
    led = [made.frame["molgen_score"].head(10).mean() for made in rankings]
    assert np.mean(led) > np.mean([chance(seed) for seed in (1, 2, 3)]) + 0.05


def test_known_molecules_are_never_proposed(ranking):
    known = Library.of(ranking.smiles[:40])
    fresh = generate(toy(), seeds=SEEDS, budget=200, seed=1, known=known)
    assert not set(Library.of(fresh.smiles).inchikeys) & set(known.inchikeys)


@pytest.mark.parametrize("keep", ["NS(=O)(=O)c1ccccc1", "c1ccc2ocnc2c1"])
def test_what_is_kept_is_in_every_proposal(keep):
    pattern = Chem.MolFromSmiles(keep)
    made = generate(toy(), seeds=SEEDS, budget=120, keep=keep)
    assert len(made)
    assert all(Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern) for smiles in made.smiles)


def test_an_alert_asked_for_is_no_reason_to_leave_a_proposal_out():
    made = generate(toy(), seeds=SEEDS, budget=40, keep="O=[N+]([O-])c1ccccc1")
    assert len(made) and (made.frame["molgen_alert_names"] == "").all()


def test_one_seed_or_some_bad_ones_are_enough():
    assert len(generate(toy(), seeds=["Cc1ccc(NC(=O)c2ccccc2)cc1"], budget=20))
    assert len(generate(toy(), seeds=["C1CC", "", "Cc1ccc(NC(=O)c2ccccc2)cc1"], budget=20))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": []}, "none of the 0 seeds"),
        ({"seeds": ["C1CC", "nonsense"]}, "none of the 2 seeds"),
        ({"budget": 0}, "budget is 0"),
        ({"top": 0}, "top is 0"),
        ({"batch": -3}, "batch is -3"),
        ({"generator": "genetics"}, "no generator is called 'genetics'"),
        ({"options": {"populatoin": 3}}, "no option 'populatoin'"),
        ({"options": {"constraints": "C"}}, "'constraints' is not an option"),
        ({"keep": "c1cc"}, "neither SMILES nor SMARTS"),
        ({"keep": ["c1ccccc1"]}, "keep is .*, want text or nothing"),
        ({"seed": -1}, "seed is -1, want at least 0"),
        ({"seeds": "nothing.csv"}, "'nothing.csv' is neither a file nor a SMILES"),
        ({"seeds": [5]}, "seeds is .5., want Library or a list, each text"),
        ({"known": "nothing.csv"}, "'nothing.csv' is neither a file nor a SMILES"),
        ({"options": {"guard": "no"}}, "guard is 'no', want true or false"),
        ({"options": {"population": "abc"}}, "population is 'abc', want a whole number"),
        ({"options": {"alerts": "PAINS"}}, "alerts is 'PAINS', want a function"),
        ({"generator": "reactions", "options": {"steps": "two"}}, "steps is 'two', want a whole number"),
    ],
)
def test_bad_requests_say_what_is_wrong(options, message):
    with pytest.raises(MolgenError, match=message):
        generate(toy(), **{"seeds": SEEDS, "budget": 10, **options})


def test_molecules_without_a_value_are_rejects_with_the_goals_name(tmp_path):
    def without_fluorine(smiles):
        return [float("nan") if "F" in text else 0.5 for text in smiles]

    objective = Objective.of([{"term": "qed"}, {"term": "function", "name": "f", "call": without_fluorine}])
    made = generate(objective, seeds=SEEDS, budget=100, seed=1, top=20, out=tmp_path)
    unscored = made.rejects[made.rejects["stage"] == "score"]
    assert len(unscored) and (unscored["reason"] == "no value for f").all() and unscored["raw"].str.contains("F").all()
    assert made.counts.rejected == len(made.rejects) and made.rejects["row"].is_monotonic_increasing
    assert made.counts.cut == 100 - len(unscored) - len(made)
    assert not [smiles for smiles in made.smiles if "F" in smiles]
    assert len(pd.read_csv(tmp_path / "rejects.csv")) == len(made.rejects)


def test_a_string_is_a_file_or_one_molecule_and_never_letters(tmp_path):
    lead, path = "CC(=O)Nc1ccc(O)cc1", tmp_path / "seeds.smi"
    path.write_text(f"{lead} lead\n")
    seeded = [generate(toy(), seeds=seeds, budget=20, seed=1).smiles for seeds in ([lead], lead, str(path), path)]
    assert seeded[0] and all(smiles == seeded[0] for smiles in seeded)
    hopped = [generate(toy(), seeds=SEEDS, budget=20, seed=1, avoid=avoid).smiles for avoid in (["C(=O)N"], "C(=O)N")]
    assert hopped[0] == hopped[1]


def test_known_ones_may_be_a_list(ranking):
    known = ranking.smiles[:40]
    fresh = [generate(toy(), seeds=SEEDS, budget=200, seed=1, known=given).smiles for given in (known, Library.of(known))]
    assert fresh[0] == fresh[1] and not set(fresh[0]) & set(known)


def test_every_column_is_a_goals_or_a_reserved_one(ranking):
    goals = {f"molgen_{name}{what}" for name in toy().names for what in ("", "_desirability")}
    assert set(ranking.frame.columns) - goals <= {f"molgen_{name}" for name in OWN_COLUMNS}


def test_a_function_among_the_options_stands_in_the_provenance_by_its_name(tmp_path):
    made = generate(toy(), seeds=SEEDS, budget=20, options={"alerts": alerts}, out=tmp_path)
    assert made.provenance.config["options"] == {"alerts": "alerts"}


def test_each_proposal_says_which_known_molecule_is_most_like_it(ranking):
    known = Library.of(["C1CC", *SEEDS[3:]], ids=["broken", *(f"known {n}" for n in range(len(SEEDS) - 3))])
    made = generate(toy(), seeds=SEEDS[:3], budget=60, seed=1, known=known).frame
    bits = Fingerprint().of(Library.of(made["molgen_smiles"].tolist()))
    had = list(SEEDS)
    alike = tanimoto(bits, Fingerprint().of(Library.of(had)))
    np.testing.assert_allclose(made["molgen_nearest_known_similarity"], alike.max(axis=1), atol=1e-6)
    assert [had.index(text) for text in made["molgen_nearest_known_smiles"]] == alike.argmax(axis=1).tolist()
    ids = ["row_1", "row_2", "row_3", *(f"known {n}" for n in range(len(SEEDS) - 3))]
    assert made["molgen_nearest_known_id"].tolist() == [ids[row] for row in alike.argmax(axis=1)]


def test_an_objective_that_never_knows_ranks_nothing():
    objective, _ = counting()
    blind = objective.goals[0].term
    blind._say = lambda smiles: [float("nan")] * len(smiles)
    made = generate(objective, seeds=SEEDS, budget=40)
    assert len(made) == 0 and made.counts.cut == 0 and (made.rejects["stage"] == "score").sum() == 40


class Broken(Generator):
    """Proposes one good molecule over and over, among junk."""

    def __init__(self, *, seeds, constraints, reference=()):
        self.told = []

    def ask(self, n, rng):
        texts = ["CCOCCO", "C1CC", "CCNCCO.CCCNCCO", "OCCOCC"]
        return [Proposal(text, "made up") for text in texts]

    def tell(self, smiles, scores):
        self.told += zip(smiles, scores.tolist())


def test_junk_and_repeats_are_counted_and_a_dry_generator_ends_the_run(monkeypatch):
    monkeypatch.setattr(run, "GENERATORS", type(run.GENERATORS)("generator", {"broken": f"{__name__}:Broken"}))
    objective, asked = counting()
    made = generate(objective, seeds=SEEDS, budget=50, generator="broken")
    assert asked == ["CCOCCO"]
    assert made.extras["generation"]["stop"] == "nothing new in 10 rounds"
    assert made.counts.read == 44 and made.counts.rejected == 22 and made.counts.duplicates == 21
    assert set(made.rejects["reason"]) == {"ring 1 is opened and never closed", "more than one component"}
    assert made.extras["generation"]["valid"] == 0.5


def test_an_interrupted_run_gives_what_it_found():
    def stop(calls, budget, best):
        if calls >= 60:
            raise KeyboardInterrupt

    made = generate(toy(), seeds=SEEDS, budget=500, batch=20, progress=stop)
    assert made.extras["generation"]["stop"] == "interrupted"
    assert made.extras["generation"]["calls"] == 60 and len(made)


STEPS = [(Ledger, "admit"), (Objective, "score"), (Ledger, "record"), (Ledger, "totals")]


@pytest.mark.parametrize("place", STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("times", [1, 3])
def test_a_round_cut_short_is_not_in_the_account(place, late, times, monkeypatch):
    """Wherever it strikes, before a step or after it, what is left is the rounds before."""
    kind, name = place
    step, done = getattr(kind, name), []

    def struck(*args):
        done.append(None)
        if len(done) == times and not late:
            raise KeyboardInterrupt
        answer = step(*args)
        if len(done) == times:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(kind, name, struck)
    made = generate(toy(), seeds=SEEDS, budget=500, batch=20)
    counts, told = made.counts, made.extras["generation"]
    assert told["stop"] == "interrupted" and told["calls"] == 20 * (times - 1) == max([0, *told["trace"]["calls"]])
    assert counts.read == counts.ranked + counts.cut + counts.rejected + counts.duplicates == told["proposals"]
    assert len(made.rejects) == counts.rejected and len(made) == counts.ranked
    whole = generate(toy(), seeds=SEEDS, budget=20 * (times - 1), batch=20).frame if times > 1 else made.frame
    assert made.frame["molgen_smiles"].tolist() == whole["molgen_smiles"].tolist()


def test_a_folder_is_one_runs_at_a_time(tmp_path):
    def second(smiles):
        with pytest.raises(MolgenError, match="another run is at work"):
            generate(toy(), seeds=SEEDS, budget=5, out=tmp_path / "run")
        return [1.0] * len(smiles)

    generate(Objective((Goal(term=Function(call=second, name="f")),)), seeds=SEEDS, budget=5, out=tmp_path / "run")
    assert "proposals.csv" in {path.name for path in (tmp_path / "run").iterdir()}
    assert {path.name for path in (tmp_path / "run" / "search").iterdir()} == {"identity.json", "scored.jsonl"}


def test_a_folder_that_can_not_be_locked_is_said(tmp_path, monkeypatch):
    def refused(self, **options):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    with pytest.raises(MolgenError, match="can't be locked: No locks available"):
        generate(toy(), seeds=SEEDS, budget=5, out=tmp_path)


def test_a_request_that_fails_leaves_no_folder(tmp_path):
    def broken(smiles):
        raise ValueError("no licence")

    with pytest.raises(ValueError, match="no licence"):
        generate(Objective((Goal(term=Function(call=broken, name="f")),)), seeds=SEEDS, budget=5, out=tmp_path / "a" / "run")
    assert not (tmp_path / "a").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(ValueError, match="no licence"):
        generate(Objective((Goal(term=Function(call=broken, name="f")),)), seeds=SEEDS, budget=5, out=tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_the_share_inside_the_domain_is_that_inside_every_models():
    inside = {"molgen_a_in_domain": [True, True, False, None], "molgen_b_in_domain": [True, False, False, None]}
    table = pd.DataFrame({"molgen_origin": ["mutation"] * 4, "molgen_novel": True, "molgen_alert_names": "", **inside})
    shares = Ledger(constraints=NONE, seeds=[], known=[]).shares(table)
    assert shares["in_domain"] == pytest.approx(1 / 3) and shares["seeds"] == 0


def test_files_are_written(tmp_path):
    generate(toy(), seeds=SEEDS, budget=40, out=tmp_path)
    tables = {"proposals.csv", "proposals.sdf", "rejects.csv", "scored.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {*tables, "provenance.json", "run.json", "search"}
    assert len(pd.read_csv(tmp_path / "scored.csv")) == 40
    about = json.loads((tmp_path / "run.json").read_text())
    assert about["verb"] == "generate" and about["generation"]["trace"]["calls"][-1] == 40


def test_diverse_proposals_are_no_more_alike_than_asked():
    made = generate(toy(), seeds=SEEDS, budget=200, top=10, diverse=0.5)
    bits = Fingerprint().of(Library.of(made.smiles))
    assert len(made) > 1
    assert (tanimoto(bits, bits) - np.eye(len(bits))).max() <= 0.5


class Breaks(Term):
    """A term that raises at its third batch, if it is to."""

    def __init__(self, error):
        super().__init__(name="breaks", about="breaks")
        self.error, self.asked = error, 0

    def measure(self, distinct):
        self.asked += 1
        if self.asked == 3 and self.error is not None:
            raise self.error
        return Reading.exact(np.linspace(0, 1, len(distinct)))


def breaking(error=None):
    return Objective((Goal(term=Breaks(error)),))


def test_an_error_of_a_term_ends_the_search_but_loses_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="no dock"):
        generate(breaking(RuntimeError("no dock")), seeds=SEEDS, budget=200, batch=20, out=tmp_path / "run")
    told = json.loads((tmp_path / "run" / "run.json").read_text())["generation"]
    assert told["stop"] == "failed" and told["calls"] == 40 and len(pd.read_csv(tmp_path / "run" / "proposals.csv"))


def test_a_rerun_cut_short_leaves_the_fuller_run(tmp_path):
    generate(breaking(), seeds=SEEDS, budget=100, batch=20, out=tmp_path)
    (tmp_path / "search" / "scored.jsonl").unlink()  # of a run from before there were journals, say: all is asked again
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    again = generate(breaking(KeyboardInterrupt()), seeds=SEEDS, budget=100, batch=20, out=tmp_path)
    assert again.extras["generation"]["stop"] == "interrupted" and "came farther" in again.extras["generation"]["kept"]
    (tmp_path / "search" / "scored.jsonl").unlink()
    with pytest.raises(RuntimeError):
        generate(breaking(RuntimeError()), seeds=SEEDS, budget=100, batch=20, out=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_an_interrupt_while_it_is_summed_up_loses_nothing(monkeypatch):
    table, asked = Ledger.table, []

    def interrupted(self):
        asked.append(None)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return table(self)

    monkeypatch.setattr(Ledger, "table", interrupted)
    made = generate(toy(), seeds=SEEDS, budget=40)
    assert made.extras["generation"]["calls"] == 40 and len(made) and made.extras["generation"]["stop"] == "interrupted"


def test_the_drawing_of_a_seed_without_its_stereo_is_no_news(monkeypatch):
    seeds = ["C[C@H](NC(=O)c1ccc(F)cc1)C(=O)N[C@@H](C)c1ccccc1", "C/C(=C\\c1ccccc1)C(=O)N[C@@H]1CCCN(C)C1"]
    flat = [Chem.MolToSmiles(Chem.MolFromSmiles(smiles), isomericSmiles=False) for smiles in seeds]
    objective = Objective.of([{"term": "similarity", "references": flat}])
    monkeypatch.setattr(Broken, "ask", lambda self, n, rng: [Proposal(text, "made up") for text in [*flat, "CCNCC"]])
    monkeypatch.setattr(run, "GENERATORS", type(run.GENERATORS)("generator", {"broken": f"{__name__}:Broken"}))
    assert generate(objective, seeds=seeds, budget=50, generator="broken").smiles == ["CCNCC"]


def test_a_seed_of_two_pieces_is_said(caplog):
    generate(toy(), seeds=[*SEEDS, "CC(=O)Oc1ccccc1C(=O)O.Cn1cnc2c1c(=O)n(C)c(=O)n2C"], budget=20)
    assert "1 of the seeds are of more than one piece" in caplog.text


def test_a_budget_that_seeds_use_up_is_said(caplog):
    ranking = generate(toy(), seeds=SEEDS, budget=2, generator="guided", options={"guard": False})
    assert not len(ranking) and "all 2 scores went to seeds" in caplog.text
