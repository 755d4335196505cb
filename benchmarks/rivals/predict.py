"""SMILES to predictions by Chemprop's default network in one process, weights as they start: time does not depend on them.

    PYTHONPATH=benchmarks python benchmarks/rivals/predict.py --system chemprop --smiles FILE --out FILE.json
    PYTHONPATH=benchmarks python benchmarks/rivals/predict.py --save FILE.pt

Runs in an environment of its own that has chemprop and nothing of molgen. The bare loop over Chemprop's own data loader,
in torch's inference mode: without the trainer around it, so that nothing of Chemprop's command line is held against it. Its
command line is timed from outside, with the model that `--save` writes.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import measure

PACKAGES = ("chemprop", "torch", "rdkit", "cuik_molmaker_pin", "lightning", "numpy")


def default_network() -> object:
    """What `chemprop train` makes when it is told nothing: bond messages of width 300, depth 3, mean over atoms, one hidden layer."""
    from chemprop import models, nn

    return models.MPNN(nn.BondMessagePassing(), nn.MeanAggregation(), nn.RegressionFFN(n_tasks=1)).eval()


def chemprop(asked: argparse.Namespace, *, fast: bool) -> measure.Work:
    import torch
    from chemprop import data

    network = default_network()

    def work(texts: list[str]) -> None:
        if fast:
            known = data.CuikmolmakerDataset([data.LazyMoleculeDatapoint(text) for text in texts])
        else:
            known = data.MoleculeDataset([data.MoleculeDatapoint.from_smi(text) for text in texts])
        said = []
        with torch.inference_mode():
            for batch in data.build_dataloader(known, batch_size=asked.batch, shuffle=False):
                said.append(network(batch.bmg, batch.V_d, batch.X_d))
        torch.cat(said).numpy()

    return work


SYSTEMS: dict[str, measure.Prepare] = {"chemprop": partial(chemprop, fast=False), "chemprop-cuik": partial(chemprop, fast=True)}


def save(file: Path) -> None:
    from chemprop.models import save_model

    save_model(file, default_network(), ["y"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--save"]:
        save(Path(sys.argv[2]))
    else:
        measure.main(__doc__, SYSTEMS, PACKAGES)
