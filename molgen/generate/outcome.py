"""What a search has found: the ranking of its best, and the files of its folder."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from molgen.base.provenance import Provenance
from molgen.data.library import Library, with_columns
from molgen.data.writers import Written, write_tables
from molgen.features.bits import ecfp4, nearest
from molgen.generate.base import Generator
from molgen.generate.ledger import Ledger
from molgen.score.diversity import pick
from molgen.score.objective import Objective
from molgen.score.ranking import Ranking, files_of

INTERRUPTED, FAILED = "interrupted", "failed"
_NAME, _SCORED = "proposals", "scored.csv"
_NAMED = 3  # reasons that are told one by one
FILES = (*files_of(_NAME), _SCORED)


class Given(NamedTuple):
    """What a search went by."""

    objective: Objective
    source: Generator
    had: Sequence[Library]  # seeds and known molecules
    library: Library  # what could be had instead of a proposal
    provenance: Provenance
    own: frozenset[str]  # SMILES of the seeds that were given, not ours


def ended(ledger: Ledger, given: Given, *, out: Path | None, stop: str, top: int, diverse: float | None) -> Ranking:
    """The ranking; its files and a table of all that was scored go to the folder, unless it was cut short and one there came farther."""
    table = ledger.table()
    ranking = _ranking(table, ledger, given, stop=stop, top=top, diverse=diverse)
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


def _ranking(table: pd.DataFrame, ledger: Ledger, given: Given, *, top: int, diverse: float | None, stop: str) -> Ranking:
    """Of everything scored, the best that is novel and free of alerts."""
    good = table["molgen_novel"].astype(bool) & (table["molgen_alert_names"] == "") & table["molgen_score"].notna()
    chosen = table[good]
    if diverse is not None:
        chosen = chosen.iloc[pick(chosen["molgen_smiles"].tolist(), top, most_alike=diverse)]
    chosen = chosen.head(top).reset_index(drop=True)
    chosen.insert(0, "molgen_rank", np.arange(1, len(chosen) + 1))
    smiles = chosen["molgen_smiles"].tolist()
    chosen = with_columns(chosen, {**_nearest(smiles, given.had, "known"), **_nearest(smiles, [given.library], "library")})
    refused = dict(Counter(given.source.refused).most_common())
    _warn(table, refused, given.own, nothing=not good.any())
    return Ranking(
        frame=chosen,
        counts=ledger.counts(len(chosen)),
        goals=given.objective.describe(),
        rejects=ledger.rejects(),
        provenance=given.provenance,
        title=given.objective.title or "Generated molecules",
        extras={"generation": {**ledger.shares(table), "refused": refused, "stop": stop}},
    )


def _warn(table: pd.DataFrame, refused: Mapping[str, int], own: frozenset[str], *, nothing: bool) -> None:
    """Says what kept proposals away that somebody may have wanted."""
    say = logging.getLogger(__name__).warning
    seeds = table[table["molgen_origin"] == "seed"]
    given = seeds[seeds["molgen_smiles"].isin(own)]
    alerted = given[given["molgen_alert_names"] != ""]
    if len(alerted):
        names = _counted(Counter(name for text in alerted["molgen_alert_names"] for name in text.split("; ")))
        what = "%d of the %d seeds scored have alerts, and no molecule with one is proposed unless it is allowed by name: %s"
        say(what, len(alerted), len(given), names)
    all_seeds = 0 < len(seeds) == len(table)
    if all_seeds:
        say("all %d scores went to seeds: raise the budget, or give fewer seeds (of `guided`: another `opening`)", len(table))
    elif 2 * len(seeds) > len(table):
        say("%d of the %d scores went to seeds: a larger budget has more for new molecules", len(seeds), len(table))
    if nothing and not all_seeds:
        say("nothing is proposed: %d were scored; ideas were refused: %s", len(table), _counted(refused) or "none, there were none")


def _counted(counts: Mapping[str, int]) -> str:
    """The most frequent, with how many."""
    return ", ".join(f"{name} ({count:,})" for name, count in Counter(counts).most_common(_NAMED))


def _nearest(smiles: Sequence[str], had: Sequence[Library], called: str) -> dict[str, Any]:
    """Columns that say, of each proposal, the molecule most like it (Tanimoto, ECFP4) among those of the libraries."""
    whole = [library.molecules for library in had]
    ids = [name for library in whole for name in library.ids]
    known = [text for library in whole for text in library.smiles]
    if not smiles or not known:
        return {}
    found = nearest(ecfp4(Library.of(smiles)), np.concatenate([ecfp4(library) for library in whole if len(library)]))
    rows = found.row.tolist()
    return {
        f"nearest_{called}_id": [ids[row] for row in rows],
        f"nearest_{called}_smiles": [known[row] for row in rows],
        f"nearest_{called}_similarity": found.tanimoto.astype(np.float64).round(6),
    }
