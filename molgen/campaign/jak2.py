"""A JAK2 campaign on public data: models, a screen with known actives hidden in it, novel proposals, one report.

JAK2 inhibitors that spare JAK1 are a real aim: JAK2 drives myeloproliferative neoplasms, and much of the
class's immune suppression comes through JAK1. Everything here is measured or real: Ki values of ChEMBL
with their official split, lead-like molecules of ZINC, approved drugs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from molgen.base.config import Config
from molgen.base.files import write_json, write_text
from molgen.base.parallel import Executor, Pool
from molgen.campaign.retrospect import model_table, retrospect
from molgen.data import catalogue
from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.writers import write
from molgen.generate.run import generate
from molgen.models.base import Task
from molgen.models.predictor import Predictor
from molgen.models.train import train
from molgen.report.page import report
from molgen.score.config import read_objective
from molgen.score.folder import check_free, claim
from molgen.score.ranking import Ranking, files_of
from molgen.screen.run import screen

TARGETS = {"jak2": "JAK2", "jak1": "JAK1"}
ACTIVE_PKI = 7.0  # 100 nM: what is hidden in the library as an active
SEED_PKI = 8.0  # 10 nM: what generation starts from
MOST_ALIKE = 0.7  # Tanimoto of any two proposals: ideas, and not one idea with every methyl group

OBJECTIVE = """\
# Potent on JAK2, weaker on JAK1, drug-like, makeable, without alerts, and not a copy of what is known.
title = "JAK2 over JAK1"

[[goal]]
term = "prediction"
name = "JAK2 pKi"
model = "models/jak2"
curve = { kind = "sigmoid", poor = 6.0, good = 8.5 }
weight = 3.0
caution = 0.5

[[goal]]
term = "difference"
name = "JAK2 over JAK1"
model = "models/jak2"
minus = "models/jak1"
curve = { kind = "sigmoid", poor = -1.5, good = 1.0 }

[[goal]]
term = "qed"
curve = { kind = "ramp", worst = 0.1, best = 0.7 }

[[goal]]
term = "sa"
curve = { kind = "ramp", worst = 6.0, best = 3.0 }

[[goal]]
term = "alerts"
curve = { kind = "ramp", worst = 4.0, best = 0.0 }
weight = 0.5

[[goal]]
term = "novelty"
known = "known.csv"
curve = { kind = "ramp", worst = -0.3, best = 0.4 }
weight = 0.5
"""


class CampaignConfig(Config):
    """How long and how thoroughly; the defaults are the demo's."""

    seed: int = Field(0, description="decides every random choice")
    preset: str = Field("potency", description="recipe of the two models")
    library: int | None = Field(None, gt=0, description="molecules of the screening library taken; all when not given")
    budget: int = Field(1_500, gt=0, description="molecules the generator may score")
    top: int = Field(500, gt=0, description="molecules ranked")
    proposals: int = Field(100, gt=0, description="proposals kept")


@dataclass(frozen=True)
class Campaign:
    """What a campaign found; all of it is also in `folder`."""

    folder: Path
    models: dict[str, Predictor]
    ranking: Ranking
    proposals: Ranking
    summary: dict[str, Any]  # as in run.json


_WRITTEN = ("objective.toml", "known.csv", "library.csv.gz", "proposals.csv", "report.html", "models", "generation")
Progress = Callable[[str, int, int | None], None]  # step of the campaign, done, of how many


def campaign(
    out: Path | str, config: CampaignConfig = CampaignConfig(), *, executor: Executor | None = None, progress: Progress | None = None
) -> Campaign:
    """The whole campaign, written to `out`: models, ranking, proposals, rejects, provenance and report.html."""
    folder, executor = Path(out), executor or Pool()
    tell = progress or (lambda step, done, total: None)
    if not (folder / "campaign.json").is_file():
        check_free(folder, *files_of("ranking"), *_WRITTEN)
    claim(folder, "campaign", config.model_dump())
    measured = {name: catalogue.load(f"{name}_ki") for name in TARGETS}
    models = {}
    for name, library in measured.items():
        models[name] = train(
            library,
            Task("pKi"),
            recipe=config.preset,
            split="column",
            seed=config.seed,
            executor=executor,
            progress=lambda done, total, what, step=f"train {TARGETS[name]}": tell(step, done, total),  # type: ignore[misc]
            out=folder / "models" / name,
        )
    path = _write_inputs(folder, measured, config)
    objective = read_objective(folder / "objective.toml")
    ranking = screen(
        path,
        objective,
        out=folder,
        top=config.top,
        executor=executor,
        progress=lambda done, total, what: tell("screen", done, total),
        part_of="campaign",
    )
    proposals = generate(
        objective,
        seeds=_starting_points(measured["jak2"], ranking),
        budget=config.budget,
        top=config.proposals,
        diverse=MOST_ALIKE,
        seed=config.seed,
        known=Library.of([smiles for library in measured.values() for smiles in library.smiles]),
        progress=lambda done, total, best: tell("generate", done, total),
        out=folder / "generation",
    )
    if proposals.extras["generation"]["stop"] == "interrupted":
        raise KeyboardInterrupt
    write(proposals.frame, folder / "proposals.csv", structures=proposals.smiles, ids=proposals.ids)
    summary = {
        **ranking.summary(),
        "title": "JAK2 over JAK1: a campaign on public data",
        "verb": "campaign",
        "models": [model_table(TARGETS[name], models[name], measured[name], config.seed) for name in TARGETS],
        "enrichment": retrospect(folder, path, measured["jak2"]),
        **proposals.extras,
    }
    made = replace(
        ranking.provenance,
        verb="campaign",
        config=config.model_dump(),
        seed=config.seed,
        parents=(ranking.provenance.key, proposals.provenance.key),
    )
    write_json(folder / "provenance.json", made.to_dict())
    write_json(folder / "run.json", summary)
    report(folder)
    return Campaign(folder, models, ranking, proposals, summary)


def _write_inputs(folder: Path, measured: dict[str, Library], config: CampaignConfig) -> Path:
    """The library, with JAK2 test actives among it; the known molecules; the objective. Returns the library's path."""
    jak2 = measured["jak2"]
    hidden = jak2.take(_rows(jak2, "test") & (labels(jak2, "pKi").values >= ACTIVE_PKI))
    parts = [_listed(catalogue.load_rows(name), name) for name in ("moses_sample", "chembl_drugs")]
    decoys = pd.concat(parts, ignore_index=True)
    if config.library is not None:
        chosen = np.random.default_rng(config.seed).choice(len(decoys), min(config.library, len(decoys)), replace=False)
        decoys = decoys.iloc[np.sort(chosen)]
    actives = pd.DataFrame({"id": hidden.ids, "smiles": hidden.rows.raw, "source": "JAK2 test active"})
    library = pd.concat([decoys, actives], ignore_index=True)
    # Where the actives stand must not matter, and would if ties were broken by their place.
    library = library.iloc[np.random.default_rng(config.seed).permutation(len(library))]
    path = folder / "library.csv.gz"
    write(library, path, structures=[], ids=[])
    secret = set(hidden.inchikeys)  # a JAK2 test active may have been measured on JAK1 too
    shown = [one.take([key not in secret for key in one.inchikeys]) for one in measured.values()]
    known = pd.DataFrame([pair for one in shown for pair in zip(one.ids, one.smiles)], columns=["id", "smiles"])
    write(known, folder / "known.csv", structures=[], ids=[])
    write_text(folder / "objective.toml", OBJECTIVE)
    return path


def _listed(rows: Any, source: str) -> pd.DataFrame:
    return pd.DataFrame({"id": rows.ids, "smiles": rows.raw, "source": source})


def _rows(library: Library, part: str) -> np.ndarray:
    return np.array([cell == part for cell in library.rows.columns["split"]])


def _starting_points(jak2: Library, ranking: Ranking) -> Library:
    """Potent molecules of the training part, which the models have seen, and the best of the screen."""
    potent = jak2.take(_rows(jak2, "train") & (labels(jak2, "pKi").values >= SEED_PKI))
    return Library.of([*potent.smiles, *ranking.smiles[:50]])
