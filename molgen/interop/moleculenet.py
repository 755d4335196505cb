"""MoleculeNet's datasets through DeepChem's loaders, from files at hand, with the rows DeepChem would drop."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.interop.guest import deepchem as guest


def moleculenet(name: str, folder: Path | str) -> Library:
    """A MoleculeNet dataset (``delaney``, ``tox21`` ...) from the file that lies in `folder`, every row of it.

    DeepChem's own loader finds the file and its tasks and reads the labels, untransformed and not split; nothing
    is downloaded or kept. Rows that DeepChem would drop stay, as rejects with their reason.
    """
    with guest() as dc, _no_download(dc):
        loader = _loader(dc, name)
        recorder = _recorder(dc)
        # reload=False: a cache would be found again by another's featurizer, and read with pickle.
        tasks, (dataset,), _ = loader(
            featurizer=recorder, splitter=None, transformers=[], reload=False, data_dir=str(folder), save_dir=str(folder)
        )
        try:
            y, w = np.asarray(dataset.y, dtype=np.float64), np.asarray(dataset.w, dtype=np.float64)
        finally:
            shutil.rmtree(dataset.data_dir, ignore_errors=True)
    values = np.where(w == 0, np.nan, y)
    library = Library.of(recorder.seen, columns={task: values[:, i].tolist() for i, task in enumerate(tasks)})
    return replace(library, source=f"MoleculeNet {name} in {folder}")


def _loader(dc: Any, name: str) -> Callable[..., Any]:
    found = {key.removeprefix("load_"): getattr(dc.molnet, key) for key in dir(dc.molnet) if key.startswith("load_")}
    usable = {key: loader for key, loader in found.items() if callable(loader) and _reads_molecules(loader)}
    if name not in usable:
        raise MolgenError(f"no MoleculeNet dataset is called {name!r}", fix=f"there are: {', '.join(sorted(usable))}")
    return usable[name]


def _reads_molecules(loader: Callable[..., Any]) -> bool:
    wanted = {"featurizer", "splitter", "transformers", "reload", "data_dir", "save_dir"}
    return wanted <= set(inspect.signature(loader).parameters)


def _recorder(dc: Any) -> Any:
    """A featurizer that describes every row with a 1, so that the loader drops none, and remembers what it was shown."""

    class Recorder(dc.feat.Featurizer):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def featurize(self, datapoints: Any, log_every_n: int = 1000, **_: Any) -> NDArray[np.float64]:
            shown = list(datapoints)
            if not all(isinstance(one, str) for one in shown):
                raise MolgenError("the dataset is no table of SMILES", fix="read its file with molgen.read")
            self.seen += shown
            return np.ones((len(shown), 1))

    return Recorder()


@contextmanager
def _no_download(dc: Any) -> Iterator[None]:
    """A loader that misses its file fetches it from the network; here it says which file it wanted."""

    def refuse(url: str, dest_dir: str = "", name: str | None = None) -> None:
        raise MolgenError(f"no {name or url.rpartition('/')[2]} here", where=dest_dir, fix=f"fetch {url}")

    utilities = dc.utils.data_utils
    before = utilities.download_url
    utilities.download_url = refuse
    try:
        yield
    finally:
        utilities.download_url = before
