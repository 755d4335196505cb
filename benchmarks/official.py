"""A set with its official test part as a library to train on: what is in both parts is left out of the training one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from molgen.data.library import Library


def official(table: pd.DataFrame) -> Library:
    """The library of a table with the columns smiles, y and split, without training molecules that are test molecules too.

    Two are the same when their InChIKeys are: salts of one parent count once.
    """
    library = Library.from_frame(table[["smiles", "y", "split"]].reset_index(drop=True))
    test = (library.rows.columns["split"] == "test").to_numpy()
    unseen = {key for key, apart in zip(library.inchikeys, test) if apart and key}
    return library.take(test | ~np.array([key in unseen for key in library.inchikeys]))
