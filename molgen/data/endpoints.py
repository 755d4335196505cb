"""The ADMET endpoints of the shipped models: what each means, and where its measurements come from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from molgen.base.config import read_toml
from molgen.base.errors import MolgenError
from molgen.base.files import sha256


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One entry of `endpoints.toml`."""

    name: str  # of the column that holds the prediction, unit or direction in it
    about: str
    kind: Literal["regression", "classification"]
    quantity: str  # endpoints of one quantity measure the same thing
    file: str  # inside the folder of benchmark files
    source: str
    licence: str
    citation: str
    sha256: str  # of the file
    column: str = "y"
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""  # what a medicine wants; "" where that depends on the medicine

    @property
    def dataset(self) -> str:
        """The file's name without folder and ending, as benchmarks call it."""
        return Path(self.file).name.partition(".")[0]


@cache
def endpoints() -> dict[str, Endpoint]:
    """Every endpoint by name.

    >>> endpoints()["half_life_h"].unit
    'h'
    """
    return {name: Endpoint(name=name, **entry) for name, entry in read_toml(Path(__file__).with_name("endpoints.toml")).items()}


def gather(folder: Path | str, names: Collection[str] | None = None) -> pd.DataFrame:
    """All measurements as one table: `smiles` as filed, and a column an endpoint, NaN where not measured.

    A molecule filed twice under one endpoint has two rows. A file that is missing, or whose digest is not the
    one of `endpoints.toml`, is refused: a model's card says what it learned from.
    """
    columns = []
    for endpoint in endpoints().values():
        if names is None or endpoint.name in names:
            table = read_endpoint(folder, endpoint)
            again = table.groupby("smiles").cumcount()
            columns.append(pd.Series(table["value"].to_numpy(), [table["smiles"], again], name=endpoint.name))
    whole = pd.concat(columns, axis=1)
    return whole.rename_axis(["smiles", "again"]).reset_index().drop(columns="again")


def read_endpoint(folder: Path | str, endpoint: Endpoint) -> pd.DataFrame:
    """The measurements of one endpoint: columns `smiles`, `value` and `part`, which is "test" for an official test row."""
    path = Path(folder) / endpoint.file
    if not path.is_file() or sha256(path) != endpoint.sha256:
        wrong = "the file's bytes are not those the endpoint was made from" if path.is_file() else "no such file"
        raise MolgenError(wrong, where=str(path), fix=f"its source is {endpoint.source}")
    table = pd.read_csv(path)
    part = table["split"].eq("test").map({True: "test", False: "train"}) if "split" in table else "train"
    told = pd.DataFrame({"smiles": table["smiles"], "value": table[endpoint.column].astype(float), "part": part})
    return told[told["value"].notna()].reset_index(drop=True)
