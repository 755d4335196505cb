"""What a search has found: the ranking of its best, and the files of its folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.base.provenance import Provenance
from molgen.data.library import Library, with_columns
from molgen.data.writers import Written, write_tables
from molgen.features.bits import ecfp4, nearest
from molgen.generate.ledger import Ledger
from molgen.score.diversity import pick
from molgen.score.objective import Objective
from molgen.score.ranking import Ranking, files_of

INTERRUPTED, FAILED = "interrupted", "failed"
_NAME, _SCORED = "proposals", "scored.csv"
FILES = (*files_of(_NAME), _SCORED)


def ended(ledger: Ledger, objective: Objective, had: Sequence[Library], *, out: Path | None, stop: str, **asked: Any) -> Ranking:
    """The ranking; its files and a table of all that was scored go to the folder, unless it was cut short and one there came farther."""
    table = ledger.table()
    ranking = _ranking(table, ledger, objective, had, stop=stop, **asked)
    told = ranking.extras["generation"]
    cut_short = stop in (INTERRUPTED, FAILED)
    if out is not None and cut_short and not told["calls"]:
        told["kept"] = "nothing, since nothing was scored"
    elif out is not None and cut_short and _calls(out) >= told["calls"]:
        told["kept"] = "the run in the folder, which came farther"
    elif out is not None:
        ranking.save(out, name=_NAME)
        write_tables([Written(table, (), ())], out / _SCORED)
    return ranking


def _calls(folder: Path) -> int:
    """Molecules that the run in a folder has scored, -1 where there is none."""
    path = folder / "run.json"
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["generation"]["calls"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def _ranking(
    table: pd.DataFrame,
    ledger: Ledger,
    objective: Objective,
    had: Sequence[Library],
    *,
    top: int,
    diverse: float | None,
    stop: str,
    provenance: Provenance,
) -> Ranking:
    """Of everything scored, the best that is novel and free of alerts."""
    if len(table) and (table["molgen_origin"] == "seed").all():
        what = "all %d scores went to seeds: raise the budget, or give fewer seeds (of `guided`: another `opening`)"
        logging.getLogger(__name__).warning(what, len(table))
    good = table["molgen_novel"].astype(bool) & (table["molgen_alert_names"] == "") & table["molgen_score"].notna()
    chosen = table[good]
    if diverse is not None:
        chosen = chosen.iloc[pick(chosen["molgen_smiles"].tolist(), top, most_alike=diverse)]
    chosen = chosen.head(top).reset_index(drop=True)
    chosen.insert(0, "molgen_rank", np.arange(1, len(chosen) + 1))
    chosen = with_columns(chosen, _nearest(chosen["molgen_smiles"].tolist(), had))
    return Ranking(
        frame=chosen,
        counts=ledger.counts(len(chosen)),
        goals=objective.describe(),
        rejects=ledger.rejects(),
        provenance=provenance,
        title=objective.title or "Generated molecules",
        extras={"generation": {**ledger.shares(table), "stop": stop}},
    )


def _nearest(smiles: Sequence[str], had: Sequence[Library]) -> dict[str, Any]:
    """Columns that say, of each proposal, the molecule most like it (Tanimoto, ECFP4) among seeds and known ones."""
    whole = [library.molecules for library in had]
    ids = [name for library in whole for name in library.ids]
    known = [text for library in whole for text in library.smiles]
    if not smiles or not known:
        return {}
    found = nearest(ecfp4(Library.of(smiles)), np.concatenate([ecfp4(library) for library in whole if len(library)]))
    rows = found.row.tolist()
    return {
        "nearest_known_id": [ids[row] for row in rows],
        "nearest_known_smiles": [known[row] for row in rows],
        "nearest_known_similarity": found.tanimoto.astype(np.float64).round(6),
    }
