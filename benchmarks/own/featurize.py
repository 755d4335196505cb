"""SMILES to a `GraphBatch` by molgen, as benchmarks/rivals/featurize.py does it by its peers.

    PYTHONPATH=benchmarks python benchmarks/own/featurize.py --system molgen --smiles FILE --out FILE.json

`molgen` is what users call; `molgen-plain` is the readable path it falls back to and is checked against. After the clock has
stopped every row is compared: how many differ, and how many bad rows the batch did not keep, is part of the record.
"""

from __future__ import annotations

import argparse

import measure
import torch

from molgen.chem.parse import parse
from molgen.features.graph import graphs_plainly
from molgen.nn.batch import GraphBatch, featurize

PACKAGES = ("molgen", "rdkit", "torch", "numba", "numpy")
BAD = ("", "C1CC", "not a molecule", "C(C)(C)(C)(C)C")


def plain(texts: list[str]) -> GraphBatch:
    return GraphBatch.of(graphs_plainly([parse(text).mol for text in texts]))


class Compared:
    """The fast way, and what a comparison with the plain one says of the molecules it was given."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def __call__(self, texts: list[str]) -> None:
        self.seen.append(texts)
        featurize(texts)

    def found(self) -> dict[str, float]:
        kept = featurize([*BAD, "CCO"]).valid.tolist() == [False] * len(BAD) + [True]
        return {"rows_unlike_plain": sum(map(unlike, self.seen)), "bad_rows_lost": 0 if kept else len(BAD)}


def unlike(texts: list[str]) -> int:
    """How many of these molecules the two ways disagree about."""
    if same(featurize(texts), plain(texts)):
        return 0
    return sum(not same(featurize([text]), plain([text])) for text in texts)


def same(one: GraphBatch, other: GraphBatch) -> bool:
    names = ("atoms", "bonds", "bond_index", "molecule_of_atom", "valid")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names)


def molgen(asked: argparse.Namespace) -> measure.Work:
    return Compared()


def molgen_plain(asked: argparse.Namespace) -> measure.Work:
    return plain


SYSTEMS: dict[str, measure.Prepare] = {"molgen": molgen, "molgen-plain": molgen_plain}

if __name__ == "__main__":
    measure.main(__doc__, SYSTEMS, PACKAGES)
