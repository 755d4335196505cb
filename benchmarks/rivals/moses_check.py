"""What molsets itself, the code of MOSES, says of texts; to be laid beside benchmarks/moses.py's numbers of the same.

    python benchmarks/rivals/moses_check.py WRITTEN REFERENCE TRAINING OUT

Files of SMILES, a text a line; OUT becomes a JSON file. Needs molsets 0.3.1 and fcd_torch 1.0.7, installed without their dependencies,
beside rdkit, torch, pandas and matplotlib. molsets is of 2020: three names it expects of these packages are put back before it is imported.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def put_back() -> None:
    """What went from pandas, numpy and RDKit since."""

    def append(self: pd.DataFrame, other: pd.DataFrame, sort: bool = False) -> pd.DataFrame:
        return pd.concat([self, other], sort=sort)

    pd.DataFrame.append = append  # type: ignore[attr-defined, operator]
    if not hasattr(np, "NaN"):
        np.NaN = np.nan  # type: ignore[attr-defined]
    six: Any = types.ModuleType("rdkit.six")
    six.iteritems = lambda table: iter(table.items())
    sys.modules["rdkit.six"] = six


def main() -> None:
    written, reference, training, out = (Path(name) for name in sys.argv[1:])
    put_back()
    from moses.metrics import get_all_metrics

    lines = [file.read_text(encoding="utf-8").splitlines() for file in (written, reference, training)]
    found = get_all_metrics(lines[0], k=[len(lines[0])], test=lines[1], test_scaffolds=lines[1], train=lines[2])
    out.write_text(json.dumps({name: float(value) for name, value in found.items()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
