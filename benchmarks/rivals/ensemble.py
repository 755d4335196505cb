"""SMILES to ADMET-AI's predictions: its ten networks, five for each kind of endpoint.

    PYTHONPATH=benchmarks python benchmarks/rivals/ensemble.py --system admet-ai --smiles FILE --out FILE.json

Runs in an environment of its own that has admet_ai and nothing of molgen. `admet-ai` is what its users call; `admet-ai-networks`
leaves out the physical properties and the percentiles among drugs, which no network makes.
"""

from __future__ import annotations

import argparse
import logging
from functools import partial

import measure

PACKAGES = ("admet_ai", "chemprop", "torch", "rdkit", "lightning", "numpy")


def admet(asked: argparse.Namespace, *, bare: bool) -> measure.Work:
    from admet_ai import ADMETModel

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    options = {"include_physchem": False, "drugbank_path": None} if bare else {}
    return ADMETModel(num_workers=0, **options).predict


SYSTEMS: dict[str, measure.Prepare] = {"admet-ai": partial(admet, bare=False), "admet-ai-networks": partial(admet, bare=True)}

if __name__ == "__main__":
    measure.main(__doc__, SYSTEMS, PACKAGES)
