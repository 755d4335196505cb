"""A campaign judged by what it was not shown: do potent JAK2 series come back when everything learned stops short of them?

    python benchmarks/rediscovery.py [--systems library genetic guided blind] [--variants trusting cautious] [--seeds 0] [--folder F]

Split. Scaffolds (Murcko, without stereo) are ordered by their most potent JAK2 compound. All compounds of the top third of scaffolds are
held out, weak ones too, and so are their rows and their scaffolds of JAK1; the cut is the pKi at which that third begins, so that no
compound learned from is as potent on JAK2. What is to be found are the held-out compounds at or above the cut, and their scaffolds.

Both models, `potency` as in the demo, learn from what is left, and so do the generators what is normal; no list of drugs helps them.
Searches start from the JAK2 compounds that are left. The objective is the demo's in potency, selectivity, QED and SA, with three
endpoints of `admet-fast` in place of its alerts and its novelty. `cautious` takes a spread off both goals that rest on the two models,
`trusting` nothing; `inside` takes nothing off either, and has two goals more: to stay in the domain of each of the two models.

5,000 distinct molecules are scored: `library` takes them at random from ZINC250k, `genetic` and `guided` make them, `blind` is `genetic`
told random numbers for scores, scored when all are made: what breeding from these compounds finds by itself. `training` is no search,
but what the compounds learned from look like when judged as proposals. All settings were written down before anything was counted, and
nothing was chosen by what is held out.

What it cannot show: the series are congeneric, so that the next scaffold is often one ring away from one that is known (which is what
`training` is for); a proposal that was never made in a laboratory counts for nothing here, however good; and the order is by potency, not
by date, as the sets have none.

Each (system, variant, seed) is a small file in results/parts/rediscovery. In `--folder`, when one is given, models and everything that
was scored are kept, and found again.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from records import grouped, record

from molgen.base.files import write_json
from molgen.chem.scaffold import scaffold
from molgen.data.catalogue import benchmark_folder, load
from molgen.data.labels import labels
from molgen.data.library import Library, with_columns
from molgen.features.bits import Bits, ecfp4, nearest
from molgen.generate.plausible import Plausible
from molgen.generate.run import generate
from molgen.models.base import Task
from molgen.models.predictor import Predictor
from molgen.models.train import train
from molgen.score.objective import Objective

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "rediscovery"
SYSTEMS = ("library", "genetic", "guided", "blind")
VARIANTS = {"trusting": 0.0, "cautious": 1.0, "inside": 0.0}  # spreads of the two models taken off
BUDGET, BEST, HELD_SCAFFOLDS = 5_000, 100, 1 / 3
ALIKE = {"near60": 0.6, "near70": 0.7}  # Tanimoto, ECFP4, from which a proposal is a close analogue
LISTS = ("all", "best100")
COUNTS = ("found", "found_flat", "scaffolds", *ALIKE, *(f"new_{name}" for name in ALIKE))
ABOUT_BEST = ("in_domain", "in_domain_both", "pki", "selectivity", "spread", "training_similarity")
_AT_ONCE = 500  # molecules of a library scored


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    options.add_argument("--variants", nargs="+", default=["trusting"], choices=list(VARIANTS))
    options.add_argument("--seeds", type=int, nargs="+", default=[0])
    options.add_argument("--folder", type=Path, help="where models and everything scored are kept")
    asked = options.parse_args()
    torch.set_num_threads(1)
    division = divided(load("jak2_ki"), load("jak1_ki"))
    judge_training(division)
    with TemporaryDirectory() as passing:
        for seed in asked.seeds:
            for variant in asked.variants:
                for system in asked.systems:
                    if not part(system, variant, seed).exists():
                        run(division, system, variant, seed, asked.folder or Path(passing))
    combine()


def part(system: str, variant: str, seed: int) -> Path:
    return PARTS / f"{system}-{variant}-{seed}.json"


@dataclass(frozen=True, eq=False)
class Division:
    """What may be learned from, and what is to be found."""

    jak2: Library
    jak1: Library
    potent: Library  # held out, at or above the cut
    weak: Library  # held out with them for their scaffolds
    cut: float

    @cached_property
    def known(self) -> Library:
        """All that is learned from, of either target."""
        return Library.of([*self.jak2.smiles, *self.jak1.smiles])


def divided(jak2: Library, jak1: Library) -> Division:
    """The two sets of pKi without the top third of JAK2's scaffolds."""
    values = labels(jak2, "pKi").values
    frameworks = scaffolds(jak2)
    best = pd.Series(values).groupby(frameworks).max()
    cut = float(best.sort_values(ascending=False).iloc[int(HELD_SCAFFOLDS * len(best)) - 1])
    top = set(best.index[best >= cut])
    held = np.array([framework in top for framework in frameworks])
    secret = set(jak2.take(held).inchikeys)
    left = [key not in secret and framework not in top for key, framework in zip(jak1.inchikeys, scaffolds(jak1))]
    return Division(jak2.take(~held), jak1.take(left), jak2.take(held & (values >= cut)), jak2.take(held & (values < cut)), cut)


def scaffolds(library: Library) -> list[str]:
    return [scaffold(mol) for mol in library.mols]


def run(division: Division, system: str, variant: str, seed: int, folder: Path) -> None:
    """One search and what came back, written to its part."""
    file = folder / f"{system}-{variant}-{seed}.csv.gz"
    if file.is_file():
        table = pd.read_csv(file)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        jak2, jak1 = (taught(getattr(division, name), folder / f"{name}-{seed}", seed) for name in ("jak2", "jak1"))
        goals = objective(jak2, jak1, VARIANTS[variant], inside=variant == "inside")
        began = time.process_time()
        table = searched(division, goals, system, seed)
        table["minutes"] = (time.process_time() - began) / 60
        table.to_csv(file, index=False)
    told = {"system": system, "variant": variant, "seed": seed, "scored": BUDGET, **judged(division, table)}
    write_json(part(system, variant, seed), told)
    print(system, variant, seed, told["minutes"], told["all"], told["best100"], flush=True)


def taught(library: Library, folder: Path, seed: int) -> Predictor:
    """The demo's kind of model of all these compounds."""
    if folder.is_dir():
        return Predictor.load(folder)
    return train(library, Task("pKi"), recipe="potency", split="none", seed=seed, device="cpu", out=folder)


def objective(jak2: Predictor, jak1: Predictor, caution: float, *, inside: bool = False) -> Objective:
    """Potent on JAK2, less so on JAK1, soluble, permeable, no hERG blocker, drug-like, makeable; `inside` the domains of both models."""
    domains = [{"term": "domain", "name": f"{name} domain", "model": model} for name, model in (("JAK2", jak2), ("JAK1", jak1))]
    admet = partial(dict, term="prediction", model="admet-fast", weight=0.5)
    return Objective.of(
        [
            {
                "term": "prediction", "name": "JAK2 pKi", "model": jak2, "weight": 3.0, "caution": caution,
                "curve": {"kind": "sigmoid", "poor": 6.0, "good": 8.5},
            },
            {
                "term": "difference", "name": "JAK2 over JAK1", "model": jak2, "minus": jak1, "caution": caution,
                "curve": {"kind": "sigmoid", "poor": -1.5, "good": 1.0},
            },
            admet(task="solubility_log_mol_per_l", curve={"kind": "sigmoid", "poor": -6.0, "good": -4.0}),
            admet(task="caco2_log_cm_per_s", curve={"kind": "sigmoid", "poor": -6.0, "good": -5.0}),
            admet(task="herg_blocker_10um_probability", curve={"kind": "sigmoid", "poor": 0.8, "good": 0.2}),
            {"term": "qed", "curve": {"kind": "ramp", "worst": 0.1, "best": 0.7}},
            {"term": "sa", "curve": {"kind": "ramp", "worst": 6.0, "best": 3.0}},
            *(domains if inside else ()),
        ]
    )  # fmt: skip


def searched(division: Division, goals: Objective, system: str, seed: int) -> pd.DataFrame:
    """Everything scored that is not among the compounds learned from."""
    if system == "library":
        return scored(zinc(seed, without=division.known), goals)
    # Without the common drugs that show what is normal in other runs: tofacitinib is one of them.
    shown = {"seeds": division.jak2, "known": division.known, "options": {"drugs": False}}
    search = partial(generate, budget=BUDGET, top=BUDGET, seed=seed, **shown)
    if system == "blind":
        rng = np.random.default_rng(seed)
        noise = Objective.of([{"term": "function", "name": "noise", "call": lambda smiles: rng.random(len(smiles))}])
        return scored(search(noise).smiles, goals)
    return search(goals, generator=system).frame


def zinc(seed: int, without: Library) -> list[str]:
    """As many molecules of ZINC250k as may be scored, at random."""
    folder = benchmark_folder()
    if folder is None:
        raise SystemExit("no benchmark files: set MOLGEN_DATA to the folder that has them, or leave out the system library")
    smiles = pd.read_csv(folder / "generation" / "zinc250k.csv.gz")["smiles"]
    some = Library.of(smiles.iloc[np.random.default_rng(seed).permutation(len(smiles))[: BUDGET + 100]]).distinct()
    known = set(without.inchikeys)
    return [text for text, key in zip(some.smiles, some.inchikeys) if key not in known][:BUDGET]


def scored(smiles: list[str], goals: Objective) -> pd.DataFrame:
    """The molecules with their scores, under the names that a ranking has."""
    chunks = [Library.of(smiles[start : start + _AT_ONCE]) for start in range(0, len(smiles), _AT_ONCE)]
    tables = [with_columns(pd.DataFrame(index=range(len(one))), {"smiles": one.smiles, **goals.score(one).columns()}) for one in chunks]
    return pd.concat(tables, ignore_index=True)


def judged(division: Division, table: pd.DataFrame) -> dict[str, Any]:
    """What came back among everything scored and among the best, and how the best look to the models."""
    table = table.sort_values("molgen_score", ascending=False, kind="stable").reset_index(drop=True)
    everything = Library.of(table["molgen_smiles"])
    best = table.head(BEST)
    top = everything.take(range(len(best)))
    about = {
        "in_domain": float(best["molgen_JAK2 pKi_in_domain"].mean()),  # of the JAK2 model
        "in_domain_both": float(best["molgen_JAK2 over JAK1_in_domain"].mean()),
        "pki": float(best["molgen_JAK2 pKi"].mean()),
        "selectivity": float(best["molgen_JAK2 over JAK1"].mean()),
        "spread": float(best["molgen_JAK2 pKi_spread"].mean()),
        "training_similarity": float(np.mean(closest(top, division.jak2))),
    }
    shown = ["molgen_smiles", "molgen_score", "molgen_JAK2 pKi", "molgen_JAK2 over JAK1"]
    return {
        "novel": len(table),
        "minutes": float(table["minutes"].iloc[0]),
        "all": returned(everything, division.potent, division.jak2),
        "best100": {**returned(top, division.potent, division.jak2), **about},
        "best": best[shown].round(4).to_numpy().tolist(),
    }


def returned(proposals: Library, potent: Library, training: Library) -> dict[str, int]:
    """How much of what is held out is among the proposals: compounds, compounds but for stereo, scaffolds, compounds with a close
    analogue, and those of them that have none among the compounds learned from."""
    keys = set(proposals.inchikeys)
    flat = {key[:14] for key in keys}
    likeness, before = closest(potent, proposals), closest(potent, training)
    counts = {
        "found": len(set(potent.inchikeys) & keys),
        "found_flat": len({key[:14] for key in potent.inchikeys} & flat),
        "scaffolds": len(set(scaffolds(potent)) & set(scaffolds(proposals))),
    }
    for name, least in ALIKE.items():
        counts[name] = int((likeness >= least).sum())
        counts[f"new_{name}"] = int(((likeness >= least) & (before < least)).sum())
    return counts


def closest(queries: Library, references: Library) -> NDArray[np.float64]:
    """[queries], the Tanimoto similarity (ECFP4) to the nearest reference."""
    return np.asarray(nearest(ecfp4(queries), Bits(ecfp4(references))).tanimoto, dtype=np.float64)


def judge_training(division: Division) -> None:
    """The baseline and the sizes; they follow from the split alone."""
    counts = returned(division.jak2, division.potent, division.jak2)
    guard = normal(division)
    let_out = division.potent.take([row for row, mol in enumerate(division.potent.mols) if not guard.flaw(mol)])
    sizes = {
        "cut": division.cut,
        "jak2": len(division.jak2),
        "jak1": len(division.jak1),
        "jak2_scaffolds": len(set(scaffolds(division.jak2))),
        "potent": len(division.potent),
        "potent_scaffolds": len(set(scaffolds(division.potent))),
        "weak": len(division.weak),
        "allowed": len(let_out),  # that the generators' guard would let out
        "allowed_scaffolds": len(set(scaffolds(let_out))),
    }
    write_json(PARTS / "training.json", {"system": "training", "variant": "-", "seed": 0, "all": counts, "sizes": sizes})


def normal(division: Division) -> Plausible:
    """What the generators hold to be normal."""
    heavy = [mol.GetNumHeavyAtoms() for mol in division.jak2.mols]
    return Plausible(division.known.smiles, heavy_atoms=(min(8, *heavy), max(45, max(heavy) + 5)))


def combine() -> None:
    """All parts as records, seeds together."""
    records = []
    for (system, variant), runs in grouped(PARTS, "system", "variant").items():
        made = partial(record, "rediscovery", runs=runs, variant=variant, system=system)
        for task in LISTS:
            for metric in (*COUNTS, *ABOUT_BEST):
                values = [float(one[task][metric]) for one in runs if metric in one.get(task, {})]
                if values:
                    records.append(made(metric, values, task=task))
        for metric in ("minutes", "novel"):
            values = [float(one[metric]) for one in runs if metric in one]
            if values:
                records.append(made(metric, values, task="all"))
        for metric, value in runs[0].get("sizes", {}).items():
            records.append(made(metric, [float(value)], task="split"))
    write_json(RESULTS / "rediscovery.json", records)


if __name__ == "__main__":
    main()
