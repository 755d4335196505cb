"""A kinase model: one table of Davis, KIBA and BindingDB Kd, a process over its pairs, packed into WORK.

    python benchmarks/kinases.py WORK        minutes on two cores; WORK keeps what was fitted
    python benchmarks/kinases.py --seek      what SETTINGS came from: from START, each doubled and halved on the first of five folds

All as pKd, by molecule and sequence. Of Davis and BindingDB, 5.0 stands for nothing measured at 10 uM, a bound. BindingDB's 9.0 is
left out: most pairs that have it and stand in Davis too are bounds at 5.0 there. KIBA's score becomes the pKd that Davis and
BindingDB have for the same pairs, by a line that does not fall (isotonic regression). A state of a kinase is not told apart, since only
Davis does that. A second domain of a kinase, and FLT3's tandem duplication, are left out: Davis gives them the sequence of the whole
wild type, which the first domain has too. What only BindingDB has and is no kinase is left out. Settings are the same for all folds: a
search a fold would cost an hour, and they are eleven numbers for a hundred thousand pairs. They were sought while BindingDB's other
targets, and Davis's second domains, were still there.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from affinity import read_pairs
from folder import benchmark_files
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from molgen.base.parallel import Pool, usable_cores
from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.partners import partners_of
from molgen.data.proteins import Proteins
from molgen.data.splits import folds
from molgen.features.pocket import Pockets
from molgen.models.base import Task, Training
from molgen.models.crossfit import Single
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig, build
from molgen.models.shipped import pack
from molgen.models.train import train

FLOOR, WRONG = 5.0, 9.0
_ANOTHER = r"\((?:JH2|KinDom\.2|ITD)"  # begins what Davis says of a target that is not what its sequence is known for
WORTH = 0.998  # of the error, above which a change of a setting is not worth it
START = {
    "noise": 0.25,
    "molecules level": 0.1,
    "molecules weight 0": 1.0,
    "molecules steepness 0": 1.5,
    "molecules own": 0.1,
    "partners level": 0.1,
    "partners weight 0": 1.0,
    "partners steepness 0": 3.0,
    "partners weight 1": 1.0,
    "partners steepness 1": 3.0,
    "partners own": 0.2,
}
SETTINGS = START | {"molecules weight 0": 2.0, "molecules own": 0.05}
RECIPE = RecipeConfig(
    predictor="pair_kernel", options={"new": "molecules", "identities": True, "settings": SETTINGS}, fold_method="scaffold"
)
SEED = 1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("work", type=Path, nargs="?")
    options.add_argument("--seek", action="store_true")
    asked = options.parse_args()
    folder = benchmark_files()
    library = of_kinases(pooled(folder))
    if asked.seek:
        seek(library)
    if asked.work:
        pack(fitted(asked.work, library).to_ship().save(asked.work / "light"), asked.work / "kinases.zip")


def of_kinases(library: Library) -> Library:
    """Without what only BindingDB has and has no ATP site of a kinase: among its targets are receptors and bacterial enzymes."""
    partners = partners_of(library)
    each = partners.each
    assert isinstance(each, Proteins)
    sources = library.rows.columns["source"].to_numpy()
    panels = np.isin(np.arange(len(each)), partners.of_row[sources != "bindingdb"])
    kinase = panels | np.isin(each.sequences, Pockets.among(each.sequences).sequences)
    return library.take(np.flatnonzero(kinase[partners.of_row]))


def seek(library: Library) -> None:
    """Says how far off each try is on molecules held out, root mean square, and the settings that come of it."""
    told, held = labels(library, "pKd"), folds(library, 5, method="scaffold", seed=SEED) == 0
    training = Training(library, told.values[:, None], (Task("pKd"),), told.relations[:, None], SEED)
    tries = [START, *(START | {name: START[name] * factor} for name in START for factor in (2.0, 0.5))]
    errors = list(Pool(workers=usable_cores()).map(off, tries, shared=(training, held)))
    moved = dict(START)
    for one, error in zip(tries[1:], errors[1:]):
        (name,) = (name for name in START if one[name] != START[name])
        print(f"{name} {one[name]:g}: {error:.4f}, {errors[0]:.4f} before", flush=True)
        if error < errors[0] * WORTH:
            moved[name] = one[name]
    print(moved, *Pool(workers=1).map(off, [moved], shared=(training, held)))


def off(shared: tuple[Training, NDArray[np.bool_]], settings: dict[str, float]) -> float:
    """Root mean square error on the molecules held out, 0 where the truth is a bound and the answer beyond it."""
    training, held = shared
    recipe = build(RECIPE.predictor, RECIPE.options | {"settings": settings})
    assert isinstance(recipe, Single)
    rows = np.flatnonzero(held & training.learned)
    said = recipe.learn(training.without(held)).predict(training.library.take(rows)).mean[:, 0] - training.targets[rows, 0]
    beyond = (training.relations[rows, 0] == "<") & (said < 0)
    return float(np.sqrt(np.mean(np.where(beyond, 0.0, said) ** 2)))


def fitted(work: Path, library: Library) -> Predictor:
    """The model of the whole table, judged on folds of scaffolds."""
    if not (work / "kinases").exists():
        pool = Pool(workers=usable_cores())
        train(library, "pKd", recipe=RECIPE, split="none", seed=SEED, out=work / "kinases", executor=pool, progress=print)
    return Predictor.load(work / "kinases")


def pooled(folder: Path) -> Library:
    """All three as pairs with the columns pKd (with `<` for a bound) and source."""
    parts = {name: read_pairs(folder, name) for name in ("davis", "kiba", "bindingdb")}
    tables = {name: table(name, library) for name, library in parts.items()}
    tables["kiba"]["value"] = as_pkd(tables["kiba"], pd.concat([tables["davis"], tables["bindingdb"]]))
    whole = pd.concat(tables.values(), ignore_index=True)
    whole["pKd"] = np.where(whole["below"], "<", "") + whole["value"].round(3).astype(str)
    names = named(whole)
    place = {sequence: i for i, sequence in enumerate(names)}
    each = Proteins.of(list(names)).called(list(names.values()))
    rows = whole["sequence"].map(place).tolist()
    library = Library.from_frame(whole[["smiles", "pKd", "source"]]).paired_with(each, rows)
    return replace(library, source="Davis, KIBA, BindingDB Kd")


def table(name: str, library: Library) -> pd.DataFrame:
    """What was measured: smiles, key, sequence, target, value, below, source."""
    columns, partners = library.rows.columns, library.partners
    assert partners is not None
    told = pd.DataFrame(
        {
            "smiles": columns["smiles"],
            "key": library.inchikeys,
            "sequence": partners.keys,
            "target": [partners.each.names[i] for i in partners.of_row.tolist()],
            "value": columns["affinity"].astype(float),
            "source": name,
        }
    )
    told = told[library.ok & ~((name == "bindingdb") & (told["value"] == WRONG))]
    told = told[~told["target"].str.contains(_ANOTHER)]
    return told.assign(below=(name != "kiba") & (told["value"] == FLOOR))


def as_pkd(kiba: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """[rows of KIBA], the pKd that its scores stand for."""
    both = kiba.merge(known.groupby(["key", "sequence"])["value"].mean().rename("pKd"), on=["key", "sequence"])
    line = IsotonicRegression(out_of_bounds="clip").fit(both["value"], both["pKd"])
    return np.asarray(line.predict(kiba["value"]))


def named(whole: pd.DataFrame) -> dict[str, str]:
    """Sequences to names: Davis's of the gene and its mutations, else the accession."""
    names: dict[str, str] = {}
    for source in ("davis", "kiba", "bindingdb"):
        own = whole[whole["source"] == source].drop_duplicates(["sequence", "target"])
        for sequence, target in zip(own["sequence"], own["target"]):
            if sequence not in names or (source == "davis" and len(target) < len(names[sequence])):  # ABL1, not ABL1p
                names[sequence] = target
    return names


if __name__ == "__main__":
    main()
