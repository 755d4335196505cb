"""What a molecule does to every protein, or cell line, that a model of pairs has learned from: strongest first, a line each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from molgen.base.errors import MolgenError
from molgen.data.columns import free_name
from molgen.data.genes import gene_symbol
from molgen.data.library import Library
from molgen.data.proteins import Proteins
from molgen.models.base import Task
from molgen.models.predictor import Predictor

_OWN = ("row", "id", "smiles", "partner", "gene", "in_domain", "similarity", "rank", "behind", "error")


def value_column(task: Task) -> str:
    """Where `panel` has the value of the task: under its name, unless that is one of `panel`'s own columns."""
    return free_name(task.name, _OWN)


def panel(model: Predictor, library: Library) -> pd.DataFrame:
    """A line a molecule and partner, the partners of a molecule in the order of what it does to them; molecules as they came.

    Columns: row (from 0), id, smiles, partner, of proteins gene (the symbol, "" where not known), then of the model's task its value,
    spread, low and high, then in_domain, similarity (of the molecule, to the nearest that was measured), rank (1 is the strongest),
    behind (how much weaker than the strongest), error. A rejected molecule is one line with its reason and nothing else. A model of
    molecules alone is a MolgenError.
    """
    known = model.model.known_partners
    if known is None:
        raise MolgenError("the model is of molecules alone", fix="name a model of pairs")
    (task,) = model.tasks
    value = value_column(task)
    against = model.against(known)
    said = against.predict(library)
    named = {"partner": known.names}
    if isinstance(known, Proteins):
        named["gene"] = tuple(map(gene_symbol, known.names))
    reasons = {reject.row: reject.reason for reject in library.rejects}
    tables = [
        pd.DataFrame({"error": [reasons[row]]}, index=[0])
        if row in reasons
        else pd.DataFrame(
            {
                **named,
                value: said.mean[row],
                f"{value}_spread": said.spread[row],
                f"{value}_low": said.low[row],
                f"{value}_high": said.high[row],
                "in_domain": said.in_domain[row],
                "similarity": said.similarity[row],
                "error": "",
            }
        )
        .sort_values(value, ascending=False, kind="stable", ignore_index=True)
        .assign(rank=lambda own: (own.index + 1).astype("Int64"), behind=lambda own: own[value].max() - own[value])
        for row in range(len(library))
    ]
    lines = [len(table) for table in tables]
    about = {"row": np.arange(len(library)), "id": library.ids, "smiles": library.smiles}
    told = pd.DataFrame({name: np.repeat(np.array(values, dtype=object), lines) for name, values in about.items()})
    columns = [*named, value, f"{value}_spread", f"{value}_low", f"{value}_high", "in_domain"]
    tables.append(pd.DataFrame({"rank": pd.Series(dtype="Int64")}))  # there may be none, and a rank is a whole number beside a blank too
    whole = pd.concat(tables, ignore_index=True).reindex(columns=[*columns, "similarity", "rank", "behind", "error"])
    return pd.concat([told.astype({"row": int}), whole], axis=1)
