"""A kinase model: one table of Davis, KIBA and BindingDB Kd, a process over its pairs, packed into WORK.

    python benchmarks/kinases.py WORK        a quarter of an hour on two cores; WORK keeps what was fitted

All as pKd, by molecule and sequence. Of Davis and BindingDB, 5.0 stands for nothing measured at 10 uM, a bound. BindingDB's 9.0 is
left out: of the 625 that stand in Davis too, 87 % are bounds at 5.0 there. KIBA's score becomes the pKd that Davis and
BindingDB have for the same pairs, by a line that does not fall (isotonic regression). A state of a kinase is not told apart, since only
Davis does that. It does not ship yet: told to foretell new molecules it smooths over what it knows.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from affinity import read_pairs
from sklearn.isotonic import IsotonicRegression

from molgen.base.parallel import Pool, usable_cores
from molgen.data.catalogue import benchmark_folder
from molgen.data.library import Library
from molgen.data.proteins import Proteins
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.shipped import pack
from molgen.models.train import train

FLOOR, WRONG = 5.0, 9.0
RECIPE = RecipeConfig(predictor="pair_kernel", options={"new": "molecules", "identities": True, "sought_on": 300}, fold_method="scaffold")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("work", type=Path)
    work = options.parse_args().work
    folder = benchmark_folder()
    if folder is None:
        raise SystemExit("no benchmark files: set MOLGEN_DATA to the folder that has them")
    pack(fitted(work, pooled(folder)).to_ship().save(work / "light"), work / "kinases.zip")


def fitted(work: Path, library: Library) -> Predictor:
    """The model of the whole table, judged on folds of scaffolds."""
    if not (work / "kinases").exists():
        pool = Pool(workers=usable_cores())
        train(library, "pKd", recipe=RECIPE, split="none", seed=1, out=work / "kinases", executor=pool, progress=print)
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
