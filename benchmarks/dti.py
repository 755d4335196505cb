"""Pairs of a molecule and a protein, or a cell line: how well each part is told when it is known, and when it is new.

    python benchmarks/dti.py [--tasks davis kiba gdsc] [--variants warm ...] [--systems molgen blend bias ...] [--seeds 0 1 2 3 4]

Davis and KIBA: `warm` and `warm_no_id` are the test part that everybody reports (setting 1 of DeepDTA), with and without who is who;
`dedup` is `warm` without the test pairs whose molecule and sequence are in training too. `cold_drug`, `cold_target` and `cold_both` hold
out a fifth of the molecules, of the groups of proteins that share 60 % of their residues, or of both, another fifth each seed. GDSC:
`warm` holds out a fifth of the pairs, and cell lines stand for proteins, each a group of its own.

Ours are `molgen`, the process alone, `blend`, which has trees beside it, and `best`, which has networks too (presets `pairs-fast`,
`pairs` and `pairs-best`); `known`, for `warm` alone, has trees that read what was measured nearby beside both (preset `pairs-known`).
Rivals in the same run: mean of the molecule plus mean of the partner, each mean alone, the neighbours by the product of both
likenesses, and ridge regression and boosted trees on fragments and on what is known of the partner. Settings are sought on training
pairs; how exactly and on how many held out was decided with test errors of Davis and GDSC in sight, what `known` is made of by a fold
of KIBA's training pairs; its test pairs were asked about once more after its process came to learn normal scores.
Each (task, variant, system, seed) is a small file in results/parts/dti, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from affinity import read_pairs
from folder import benchmark_files
from numpy.typing import NDArray
from records import grouped, record

from molgen.base.files import write_json
from molgen.base.parallel import Pool
from molgen.data.library import Library
from molgen.data.partners import Pairing, alike_groups, partners_of
from molgen.data.splits import folds as folds_of
from molgen.features.partner import view_of
from molgen.models.base import Task, Training, Workplace
from molgen.models.counts import counts
from molgen.models.crossfit import Single
from molgen.models.likeness import Likeness, Measure
from molgen.models.metrics import auprc, pearson
from molgen.models.recipe import build, preset

WORKERS = 2
RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "dti"
TASKS = {"davis": "affinity", "kiba": "affinity", "gdsc": "ln_ic50"}
COLD = ("cold_drug", "cold_target", "cold_both")
VARIANTS = ("warm", "warm_no_id", *COLD)
SYSTEMS = ("molgen", "blend", "best", "known", "bias", "molecule_mean", "partner_mean", "knn", "ridge", "trees")
OURS = ("molgen", "blend", "best", "known")
BINDS = {"davis": 7.0, "kiba": 12.1}  # at or above it a pair is a positive of the precision-recall curve, as in DeepDTA
_NEW = {"warm": "pairs", "warm_no_id": "pairs", "cold_drug": "molecules", "cold_target": "partners", "cold_both": "both"}
_FOLDS = {"warm": "random", "warm_no_id": "random", "cold_drug": "scaffold", "cold_target": "partner", "cold_both": "scaffold"}
_RANKED = 20_000  # pairs the concordance index is worked out on, all of them where there are fewer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    options.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    options.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    asked = options.parse_args()
    for task in asked.tasks:
        library = read(task)
        for seed in asked.seeds:
            for variant in asked.variants:
                for system in asked.systems:
                    run(library, task, variant, system, seed)
    combine()


def read(task: str) -> Library:
    """The pairs of a task."""
    folder = benchmark_files()
    if task != "gdsc":
        return read_pairs(folder, task)
    measured = pd.read_csv(folder / "drug_response" / "gdsc_lnic50.csv.gz")
    drugs = pd.read_csv(folder / "drug_response" / "gdsc_drugs.csv", usecols=["drug_id", "smiles"])
    pairing = Pairing.of("context", column="cell_line", table=folder / "drug_response" / "ccle_expression_706.csv.gz")
    return pairing(Library.from_frame(measured.merge(drugs, on="drug_id", how="left")))


def divided(library: Library, task: str, variant: str, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """[rows] to learn from, and to be asked about."""
    rng, good = np.random.default_rng(seed), library.ok
    if variant in ("warm", "warm_no_id"):
        if task != "gdsc":
            test = (library.rows.columns["split"] == "test").to_numpy()
            return good & ~test, good & test
        test = rng.random(len(library)) < 0.2
        return good & ~test, good & test
    partners = partners_of(library)
    rows = _fifth(library.molecule_of_row, rng)
    columns = _fifth(np.array(alike_groups(partners))[partners.of_row], rng)
    if variant == "cold_drug":
        return good & ~rows, good & rows
    if variant == "cold_target":
        return good & ~columns, good & columns
    return good & ~rows & ~columns, good & rows & columns


def _fifth(groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.bool_]:
    distinct = rng.permutation(np.unique(groups[groups >= 0]))
    return np.isin(groups, distinct[: len(distinct) // 5])


def run(library: Library, task: str, variant: str, system: str, seed: int) -> None:
    """Fits one system and writes down how it does."""
    path = PARTS / f"{system}-{task}-{variant}-{seed}.json"
    if path.exists() or (system not in OURS and variant == "warm_no_id") or (system == "known" and variant != "warm"):
        return
    learned, asked = divided(library, task, variant, seed)
    truth = library.rows.columns[TASKS[task]].to_numpy(dtype=float)
    began = time.perf_counter()
    presets = {"blend": "pairs", "best": "pairs-best", "known": "pairs-known"}
    made = {"molgen": molgen} | {name: partial(blend, own) for name, own in presets.items()}
    made |= {"bias": bias, "molecule_mean": molecule_mean, "partner_mean": partner_mean, "knn": knn, "ridge": ridge, "trees": trees}
    said = made[system](library, np.where(learned, truth, np.nan), variant, seed)
    told = {"task": task, "variant": variant, "system": system, "seed": seed, "seconds": time.perf_counter() - began}
    write_json(path, told | {"learned": int(learned.sum()), **scores(task, truth[asked], said[asked], seed)})
    if variant == "warm" and task != "gdsc":  # a pair of a molecule and a sequence that is in training too is told, not foretold
        known = set(np.array(library.keys, dtype=object)[learned])
        new = asked & ~np.array([key in known for key in library.keys])
        told["variant"] = "dedup"
        write_json(PARTS / f"{system}-{task}-dedup-{seed}.json", told | scores(task, truth[new], said[new], seed))
    print(path.stem, json.loads(path.read_text())["mse"], flush=True)


def molgen(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """The recipe `pair_kernel`, as it is for what will be new."""
    recipe = build("pair_kernel", {"new": _NEW[variant], "identities": variant == "warm"})
    assert isinstance(recipe, Single)
    rows = np.flatnonzero(library.ok)
    own = library.take(rows)
    recipe.features(own)
    said = np.full(len(library), np.nan)
    said[rows] = recipe.learn(Training(own, targets[rows, None], (Task("y"),), seed=seed)).predict(own).mean[:, 0]
    return said


def blend(name: str, library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """A preset that blends, its process as it is for what will be new; members are weighed on folds of the same kind."""
    config = preset(name)
    members = config.options["members"]
    ours = {"new": _NEW[variant], "identities": variant == "warm"}
    recipe = build("blend", {"members": members | {"pair_kernel": members["pair_kernel"] | ours}})
    rows = np.flatnonzero(library.ok)
    own = library.take(rows)
    folds = folds_of(own, config.folds, method=_FOLDS[variant], seed=seed)
    training = Training(own, targets[rows, None], (Task("y"),), seed=seed, device="auto")
    model = recipe.fit(training, np.where(training.learned, folds, -1), Workplace(Pool(workers=WORKERS))).model
    said = np.full(len(library), np.nan)
    said[rows] = model.predict(own).mean[:, 0]
    return said


def bias(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """Mean, plus what the molecule and the partner lie off it, each drawn to 0 by one pair's worth."""
    learned = np.flatnonzero(np.isfinite(targets))
    i, j, mean = library.molecule_of_row, partners_of(library).of_row, float(targets[learned].mean())
    rows, columns = np.zeros(i.max() + 1), np.zeros(j.max() + 1)
    for _ in range(20):
        rows = _off(targets[learned] - mean - columns[j[learned]], i[learned], len(rows))
        columns = _off(targets[learned] - mean - rows[i[learned]], j[learned], len(columns))
    return np.asarray(mean + rows[i] + columns[j])


def _off(rest: NDArray[np.float64], group: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
    return np.bincount(group, rest, minlength=groups) / (np.bincount(group, minlength=groups) + 1.0)


def molecule_mean(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """What the molecule's known pairs say on the mean; that of all for a new molecule."""
    return _mean(targets, library.molecule_of_row)


def partner_mean(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """The same of the partner."""
    return _mean(targets, partners_of(library).of_row)


def _mean(targets: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    learned = np.isfinite(targets)
    times = np.bincount(group[learned], minlength=group.max() + 1)
    total = np.bincount(group[learned], targets[learned], minlength=group.max() + 1)
    return np.where(times > 0, total / np.maximum(times, 1), targets[learned].mean())[group]


def knn(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """Mean of all pairs learned from, each weighed by the fourth power of the product of both likenesses."""
    partners = partners_of(library)
    measure = Measure(fingerprints=("ecfp4",), weights=(1.0,), size=2048, descriptors=0.0)
    every, used = np.arange(len(library.molecules)), partners.used()
    one = Likeness.of(measure, library.molecules, every).among() ** 4
    other = view_of(partners, used).likeness(partners)[0][used].astype(float) ** 4
    i, j = library.molecule_of_row, np.searchsorted(used, partners.of_row)
    learned = np.flatnonzero(np.isfinite(targets))
    mean, total, times = targets[learned].mean(), np.zeros((len(one), len(other))), np.zeros((len(one), len(other)))
    np.add.at(total, (i[learned], j[learned]), targets[learned] - mean)
    np.add.at(times, (i[learned], j[learned]), 1.0)
    return np.asarray(mean + ((one @ total @ other) / np.maximum(one @ times @ other, 1e-12))[i, j])


def ridge(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """Ridge regression on ECFP4 counts and what is told of the partner, standardised; weight chosen on a tenth of the training pairs."""
    from sklearn.linear_model import Ridge

    tables = [_standard(table) for table in _numbers(library)]
    learned, i, j = np.flatnonzero(np.isfinite(targets)), library.molecule_of_row, partners_of(library).of_row
    told = np.concatenate([tables[0][i[learned]], tables[1][j[learned]]], axis=1)
    held = np.random.default_rng(seed).random(len(learned)) < 0.1
    errors = {}
    for weight in (1e1, 1e2, 1e3, 1e4, 1e5):
        model = Ridge(weight).fit(told[~held], targets[learned][~held])
        errors[weight] = float(np.mean((model.predict(told[held]) - targets[learned][held]) ** 2))
    model = Ridge(min(errors, key=lambda weight: errors[weight])).fit(told, targets[learned])
    one, other = (table @ part for table, part in zip(tables, np.split(model.coef_, [tables[0].shape[1]])))
    return np.asarray(model.intercept_ + one[i] + other[j])


def _numbers(library: Library) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each molecule, and of each partner."""
    partners = partners_of(library)
    return counts(library, "ecfp4", 1024).astype(np.float32), view_of(partners, partners.used()).numbers(partners)


def _standard(table: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.nan_to_num((table - np.nanmean(table, axis=0)) / np.maximum(np.nanstd(table, axis=0), 1e-6))


def trees(library: Library, targets: NDArray[np.float64], variant: str, seed: int) -> NDArray[np.float64]:
    """LightGBM on ECFP4 counts beside what is told of the partner."""
    from lightgbm import LGBMRegressor

    partners = partners_of(library)
    ligands, others = _numbers(library)
    learned, i, j = np.flatnonzero(np.isfinite(targets)), library.molecule_of_row, partners.of_row
    size = {"n_estimators": 300, "num_leaves": 63, "learning_rate": 0.1, "colsample_bytree": 0.2}
    model = LGBMRegressor(**size, n_jobs=1, verbosity=-1, random_state=seed)
    model.fit(np.concatenate([ligands[i[learned]], others[j[learned]]], axis=1), targets[learned])
    said = np.full(len(library), np.nan)
    for rows in np.array_split(np.flatnonzero(library.ok), 8):
        said[rows] = model.predict(np.concatenate([ligands[i[rows]], others[j[rows]]], axis=1))
    return said


def scores(task: str, truth: NDArray[np.float64], said: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """Mean squared error, concordance index, rm2, Pearson, and where there is a threshold the area under precision and recall."""
    some = np.random.default_rng(seed).permutation(len(truth))[:_RANKED]
    told = {"n": len(truth), "mse": float(np.mean((truth - said) ** 2)), "ci": concordance(truth[some], said[some])}
    told |= {"rm2": rm2(truth, said), "pearson": pearson(truth, said)}
    return told | ({"auprc": auprc((truth >= BINDS[task]).astype(float), said)} if task in BINDS else {})


def concordance(truth: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    """Share of the pairs of different truth that are told in the right order, ties half (Gonen & Heller, Biometrika 92 (2005) 965).

    >>> concordance(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])).__round__(3)
    0.667
    """
    right = pairs = 0.0
    for value, own in zip(truth, said):
        more = truth > value
        pairs += int(more.sum())
        right += int((said[more] > own).sum()) + 0.5 * int((said[more] == own).sum())
    return right / pairs


def rm2(truth: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    """r2 (1 - sqrt(|r2 - r0 2|)), r0 of the line through 0 (Roy et al., Chemom. Intell. Lab. Syst. 118 (2012) 200; r to its fourth
    power under the root, as DeepDTA and all after it have it)."""
    r2 = float(np.corrcoef(truth, said)[0, 1]) ** 2
    line = float((truth * said).sum() / (said * said).sum())
    r02 = 1 - float(((truth - line * said) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
    return r2 * (1 - abs(r2**2 - r02**2) ** 0.5)


def combine() -> None:
    """All parts as records, seeds together."""
    records = []
    found = grouped(PARTS, "task", "variant", "system")
    for (task, variant, system), runs in found.items():
        # Seed by seed, since seeds differ by what is new far more than systems do.
        fast = {one["seed"]: one["mse"] for one in found.get((task, variant, "molgen"), [])}
        both = [one for one in runs if one["seed"] in fast]
        over = [one["mse"] - fast[one["seed"]] for one in both]
        if over and system != "molgen":
            told = {"mse_over_fast": over, "share_over_fast": [float(one > 0) for one in over]}
            records += [record("dti", name, values, both, task=task, variant=variant, system=system) for name, values in told.items()]
        for metric in ("mse", "ci", "rm2", "pearson", "auprc", "n", "seconds"):
            values = [float(one[metric]) for one in runs if one.get(metric) is not None]  # one constant has no correlation
            if len(values) == len(runs):
                records.append(record("dti", metric, values, runs, task=task, variant=variant, system=system))
    write_json(RESULTS / "dti.json", records)


if __name__ == "__main__":
    main()
