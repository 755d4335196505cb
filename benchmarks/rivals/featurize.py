"""SMILES to a batch of graphs, by PyG, DeepChem and Chemprop; as benchmarks/own/featurize.py does it by molgen.

    PYTHONPATH=benchmarks python benchmarks/rivals/featurize.py --system pyg --smiles FILE --out FILE.json

Runs in an environment of its own that has the rival and nothing of molgen; reading the SMILES is part of what is timed.
"""

from __future__ import annotations

import argparse

import measure

PACKAGES = ("rdkit", "torch", "torch-geometric", "deepchem", "chemprop", "cuik_molmaker_pin", "numpy")


def pyg(asked: argparse.Namespace) -> measure.Work:
    from torch_geometric.data import Batch
    from torch_geometric.utils import from_smiles

    return _in_batches(asked, lambda some: Batch.from_data_list([from_smiles(text) for text in some]))


def deepchem_dmpnn(asked: argparse.Namespace) -> measure.Work:
    from deepchem.feat import DMPNNFeaturizer

    return _in_batches(asked, DMPNNFeaturizer().featurize)


def deepchem_conv(asked: argparse.Namespace) -> measure.Work:
    from deepchem.feat import MolGraphConvFeaturizer

    return _in_batches(asked, MolGraphConvFeaturizer(use_edges=True).featurize)


def chemprop(asked: argparse.Namespace) -> measure.Work:
    from chemprop.data import BatchMolGraph
    from chemprop.featurizers import SimpleMoleculeMolGraphFeaturizer
    from chemprop.utils import make_mol

    graph = SimpleMoleculeMolGraphFeaturizer()
    return _in_batches(asked, lambda some: BatchMolGraph([graph(make_mol(text), None, None) for text in some]))


def cuik(asked: argparse.Namespace) -> measure.Work:
    from chemprop.featurizers.molgraph.molecule import CuikmolmakerMolGraphFeaturizer

    return _in_batches(asked, CuikmolmakerMolGraphFeaturizer())


def _in_batches(asked: argparse.Namespace, batch: measure.Work) -> measure.Work:
    def work(texts: list[str]) -> None:
        for some in measure.chunks(texts, asked.batch):
            batch(some)

    return work


SYSTEMS: dict[str, measure.Prepare] = {
    "pyg": pyg,
    "deepchem-dmpnn": deepchem_dmpnn,
    "deepchem-conv": deepchem_conv,
    "chemprop": chemprop,
    "chemprop-cuik": cuik,
}

if __name__ == "__main__":
    measure.main(__doc__, SYSTEMS, PACKAGES)
