"""A small series with a value that fragments decide, and each predictor fitted on it once, small enough to be quick."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem.Crippen import MolLogP

from molgen.data.library import Library
from molgen.data.partners import Pairing
from molgen.data.proteins import Proteins
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train

CORES = ["c1ccc({})cc1", "c1ccnc({})c1", "C1CCN({})CC1", "c1csc({})n1", "c1ccc2[nH]c({})cc2c1"]
TAILS = ["C", "CC", "CO", "CCO", "C(=O)N", "C(=O)NC", "C#N", "CCCl", "C(F)(F)F", "CCCC", "CC(C)C", "CCN(C)C"]

TINY_NETWORK = {
    "network": {"width": 16, "head_width": 16, "epochs": 2},
    "beside": {"fingerprints": ["ecfp4"], "size": 512, "descriptors": False},
}
TINY_BOOSTING = {"trees": 15, "bag": 2, "fingerprints": ["ecfp4"], "size": 512, "learning_rate": 0.2}
TINY_KERNEL = {"fingerprints": {"ecfp4": 1.0, "atom_pair": 1.0}, "size": 512}
TINY = {
    "mean": {},
    "boosting": TINY_BOOSTING,
    "kernel": TINY_KERNEL,
    "network": TINY_NETWORK,
    "blend": {"members": {"kernel": TINY_KERNEL, "boosting": TINY_BOOSTING, "network": TINY_NETWORK}},
}


def series() -> pd.DataFrame:
    smiles = [core.format(tail) for core in CORES for tail in TAILS]
    mols = [Chem.MolFromSmiles(text) for text in smiles]
    logp = np.array([MolLogP(mol) for mol in mols]) + np.random.default_rng(0).normal(0, 0.1, len(mols))
    part = np.where(np.arange(len(smiles)) % 5 == 0, "test", "train")
    return pd.DataFrame({"smiles": smiles, "logp": logp, "fat": (logp > 2).astype(int), "part": part})


TINY_PAIRS = {
    "network": {"width": 16, "rank": 8, "epochs": 5, "batch_size": 64},
    "ligand": {"fingerprints": ["ecfp4"], "size": 512, "descriptors": False},
}
TINY_PAIR_KERNEL = {"fingerprints": {"ecfp4": 1.0}, "size": 512, "sought_on": 20, "identities": True, "new": "pairs"}
TINY_PAIR_BOOSTING = {"size": 512, "descriptors": False, "trees": 40, "leaves": 7, "rows_in_leaf": 5}
TINY_PAIR_NEIGHBOURS = {"fingerprints": {"ecfp4": 1.0}, "size": 512, "trees": 60, "leaves": 7, "rows_in_leaf": 5, "ways": (5, 3)}
TINY_OF_PAIRS = {
    "pair_network": TINY_PAIRS,
    "pair_kernel": TINY_PAIR_KERNEL,
    "pair_boosting": TINY_PAIR_BOOSTING,
    "pair_neighbours": TINY_PAIR_NEIGHBOURS,
}
PROTEINS = {
    "AAA1": "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ",
    "AAA2": "MKTAYIAKQRQISFVRSHFSRQLEERLGLIEVQ",
    "BBB1": "GSWWPNDCCHYGGTPPLMNDEHFFYWACSTKLV",
    "BBB2": "GSWWPNDCCHYGGTPPIMNDEHFFYWGCSTKLV",
    "CCC1": "LLLLVVVVAAAAGGGGSSSSTTTTDDDDEEEEKK",
}


def pairs() -> Library:
    """Each molecule with each protein; what is measured follows from the greasiness of the one and the family of the other."""
    table = series().merge(pd.DataFrame({"protein": list(PROTEINS)}), how="cross")
    sign = np.where(table["protein"].str.startswith("A"), 1.0, -1.0)
    table["affinity"] = 6.0 + sign * table["logp"]
    table["binds"] = (table["affinity"] > 6).astype(int)
    table["part"] = np.where(np.arange(len(table)) % 7 == 0, "test", "train")
    return Pairing("target", listed=Proteins.of(list(PROTEINS.values())).called(list(PROTEINS)))(Library.from_frame(table))


def tiny(name: str) -> RecipeConfig:
    return RecipeConfig(predictor=name, options=TINY[name], folds=3)


@pytest.fixture(scope="session")
def library():
    return Library.from_frame(series())


@pytest.fixture(scope="session")
def fitted(library):
    """Predictors by name, each fitted at its first use: two tasks, one of values and one of classes."""
    made = {}

    def predictor(name):
        if name in TINY_OF_PAIRS and name not in made:
            recipe = RecipeConfig(predictor=name, options=TINY_OF_PAIRS[name], folds=3)
            made[name] = train(pairs(), "affinity", recipe=recipe, split="column", split_column="part", device="cpu")
        if name not in made:
            made[name] = train(library, ["logp", "fat"], recipe=tiny(name), split="column", split_column="part", device="cpu")
        return made[name]

    return predictor
