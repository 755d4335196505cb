"""SMILES to predictions by molgen, as benchmarks/rivals/predict.py does it by Chemprop.

    PYTHONPATH=benchmarks python benchmarks/own/predict.py --system network --model FOLDER --smiles FILE --out FILE.json
    PYTHONPATH=benchmarks python benchmarks/own/predict.py --train FOLDER

Three scopes. `network` is what Chemprop does: text read, network asked, nothing standardised. `everything` is what
`molgen predict` does: standardised, keys for duplicates, interval, domain, nearest known molecule. `prepared` is the same from a
library that `molgen prepare` wrote, which lies beside the SMILES as .parquet. FOLDER holds a model of the preset
`network`, hardly trained: time does not depend on the weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import measure
import pandas as pd

from molgen.chem.bulk import parse_all
from molgen.chem.standardize import Structure
from molgen.data.catalogue import load
from molgen.data.library import Library, Rows
from molgen.data.readers import read_rows
from molgen.models.network import NetworkModel
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train

PACKAGES = ("molgen", "rdkit", "torch", "numba", "numpy")
LEARNED_FROM = 300  # molecules, enough for every part of a model to be there


def as_written(texts: list[str]) -> Library:
    """The molecules as they are written, each taken for distinct: what a rival that does not standardise sees."""
    names = tuple(str(i) for i in range(len(texts)))
    rows = Rows(names, tuple(texts), pd.DataFrame({"smiles": texts}), tuple(range(len(texts))))
    library = Library(rows, tuple(Structure(smiles=text, inchikey=name) for text, name in zip(texts, names)))
    library.once("mols", lambda _: [parsed.mol for parsed in parse_all(texts)])
    return library


def network(asked: argparse.Namespace) -> measure.Work:
    model = Predictor.load(asked.model).model
    if not isinstance(model, NetworkModel):
        raise SystemExit(f"{asked.model} holds no network")
    single = replace(model, networks=model.networks[:1])
    return lambda texts: single.predict(as_written(texts))


def everything(asked: argparse.Namespace) -> measure.Work:
    predictor = Predictor.load(asked.model)
    return lambda texts: predictor.predict(Library.of(texts)).to_frame()


def prepared(asked: argparse.Namespace) -> measure.Work:
    predictor = Predictor.load(asked.model)

    def stored() -> Iterator[Rows]:
        return iter(read_rows(asked.smiles.with_suffix(".parquet"), chunk=asked.chunk))

    pieces = chain(islice(stored(), 1), stored())  # the first chunk is asked for twice, to warm up
    return lambda texts: predictor.predict(Library.from_rows(next(pieces))).to_frame()


SYSTEMS: dict[str, measure.Prepare] = {"network": network, "everything": everything, "prepared": prepared}


def learn(folder: Path) -> None:
    """A small model of the default network, with all that a Predictor has."""
    some = load("jak2_ki").take(range(LEARNED_FROM))
    recipe = RecipeConfig(predictor="network", options={"network": {"epochs": 1}}, folds=2)
    train(some, "pKi", recipe=recipe, split="none", seed=0, device="cpu", out=folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        learn(Path(sys.argv[2]))
    else:
        measure.main(__doc__, SYSTEMS, PACKAGES)
