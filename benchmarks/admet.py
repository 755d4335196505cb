"""The twenty-two sets of the ADMET group of Therapeutics Data Commons, each with the metric it is ranked by.

Huang et al., NeurIPS Datasets and Benchmarks 2021. This file needs pandas, scikit-learn and scipy only, so that rivals in
environments of their own read the same rows and are scored by the same lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, mean_absolute_error, roc_auc_score

# Smallest first, so that an interrupted run has finished the most tasks.
METRICS = {
    "dili": "auroc",
    "hia_hou": "auroc",
    "bioavailability_ma": "auroc",
    "herg": "auroc",
    "half_life_obach": "spearman",
    "cyp2d6_substrate_carbonmangels": "auprc",
    "cyp2c9_substrate_carbonmangels": "auprc",
    "cyp3a4_substrate_carbonmangels": "auroc",
    "caco2_wang": "mae",
    "clearance_microsome_az": "spearman",
    "vdss_lombardo": "spearman",
    "clearance_hepatocyte_az": "spearman",
    "pgp_broccatelli": "auroc",
    "bbb_martins": "auroc",
    "ppbr_az": "mae",
    "lipophilicity_astrazeneca": "mae",
    "ames": "auroc",
    "ld50_zhu": "mae",
    "solubility_aqsoldb": "mae",
    "cyp2c9_veith": "auprc",
    "cyp3a4_veith": "auprc",
    "cyp2d6_veith": "auprc",
}
# Those on which Chemprop is trained beside ours.
EIGHT = (
    "dili", "herg", "half_life_obach", "caco2_wang", "clearance_microsome_az", "vdss_lombardo", "pgp_broccatelli",
    "lipophilicity_astrazeneca",
)  # fmt: skip
CLASSES = frozenset(task for task, metric in METRICS.items() if metric in ("auroc", "auprc"))
_SCORES = {
    "auroc": roc_auc_score,
    "auprc": average_precision_score,
    "mae": mean_absolute_error,
    "spearman": lambda truth, said: spearmanr(truth, said).statistic,
}


def read(folder: Path, task: str) -> pd.DataFrame:
    """Columns smiles, y and split, which is `train` (the official train_val rows) or `test`."""
    table = pd.read_csv(folder / f"{task}.csv.gz")[["smiles", "y", "split"]]
    return table.assign(split=np.where(table["split"] == "test", "test", "train"))


def score(task: str, truth: np.ndarray, said: np.ndarray) -> float:
    """In the metric of the task; a molecule that got no answer is an error, not a gap."""
    if not np.isfinite(said).all():
        raise ValueError(f"{task}: {int((~np.isfinite(said)).sum())} test molecules without an answer")
    return float(_SCORES[METRICS[task]](truth, said))


def part(out: Path, task: str, system: str, seed: int) -> Path:
    """The file of one task, system and seed."""
    return out / f"{task}-{system}-{seed}.json"


def keep(file: Path, found: dict[str, float], packages: Sequence[str], **about: object) -> None:
    """A rival's part, whole or absent, with the versions that made it."""
    versions = {name: version(name) for name in packages}
    draft = file.with_suffix(".partial")
    draft.write_text(json.dumps({**about, "variant": "strict", "found": found, "versions": versions}, indent=1) + "\n")
    draft.rename(file)
    print(file.stem, found, flush=True)
