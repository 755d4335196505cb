"""SMILES to the predictions of five networks with 52 endpoints each, as benchmarks/rivals/ensemble.py asks ADMET-AI for its own.

    PYTHONPATH=benchmarks python benchmarks/own/ensemble.py --system molgen --smiles FILE --out FILE.json

The networks have molgen's default make and weights as they start: time does not depend on them.
"""

from __future__ import annotations

import argparse

import measure
import numpy as np
from predict import PACKAGES, as_written

from molgen.models.network import Beside, NetworkEnsemble, NetworkModel
from molgen.nn.fitted import FittedNetwork, empty_network

NETWORKS, ENDPOINTS = 5, 52


def molgen(asked: argparse.Namespace) -> measure.Work:
    recipe = NetworkEnsemble()
    beside: Beside = recipe.beside
    extra = beside.of(as_written(["CCO"]))
    settings = recipe.network
    kinds = ("regression",) * ENDPOINTS
    wide = 0 if extra is None else extra.shape[1]
    networks = [empty_network(settings, tasks=ENDPOINTS, extra=wide).eval() for _ in range(NETWORKS)]
    model = NetworkModel(tuple(FittedNetwork(one, settings, kinds) for one in networks), np.zeros(ENDPOINTS), beside)
    return lambda texts: model.predict(as_written(texts))


SYSTEMS: dict[str, measure.Prepare] = {"molgen": molgen}

if __name__ == "__main__":
    measure.main(__doc__, SYSTEMS, PACKAGES)
