"""Two ligands made one, seen against merges drawn by hand."""

import numpy as np
from rdkit import Chem

from molgen.generate.constraints import Constraints
from molgen.generate.merge import Merge
from molgen.generate.run import generate
from tests.generate.toys import toy

ONE, OTHER = "Cc1ccc(NC(=O)c2ccccc2)cc1", "O=C(Nc1cccnc1)c1ccc(F)cc1"


def merged(*seeds, **options):
    return {one.smiles: one.origin for one in Merge(seeds=seeds, **options).ask(1_000, np.random.default_rng(0))}


def test_what_hangs_on_the_shared_part_comes_over():
    found = merged(ONE, OTHER)
    assert "laid over" in found[Chem.CanonSmiles("Cc1ccc(NC(=O)c2ccc(F)cc2)cc1")]


def test_a_fused_ring_comes_over_with_both_of_its_bonds():
    found = merged("Clc1ccccc1C(N)=O", "c1ccc2ncccc2c1")
    assert any(Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmiles("Clc1ccc2ncccc2c1")) for smiles in found)


def test_halves_are_joined():
    assert "halves of" in merged(ONE, "COc1ccc(NC(=O)C2CC2)cc1")[Chem.CanonSmiles("Cc1ccc(NC(=O)C2CC2)cc1")]


def test_strangers_are_spliced_at_least_and_one_seed_alone_gives_nothing():
    assert all("halves of" in origin for origin in merged("CCCCCCCO", "c1ccc(Oc2ccncc2)cc1").values())
    assert merged(ONE) == {}


def test_one_seed_alone_is_said(caplog):
    generate(toy(), seeds=["Cc1ccc(NC(=O)c2ccccc2)cc1"], budget=5, generator="merge")
    assert "seeds are merged two at a time" in caplog.text and "ideas were refused: none" in caplog.text


def test_stereo_of_an_arm_comes_over():
    found = merged("C[C@H](N)Cc1ccccc1", "Fc1ccccc1")
    assert "C[C@H](N)Cc1ccccc1F" in found


def test_constraints_hold():
    constraints = Constraints.of(avoid=["F"])
    assert all("F" not in smiles for smiles in merged(ONE, OTHER, constraints=constraints))


def test_double_bonds_of_an_arm_keep_their_hands():
    found = merged("Cc1ccc(NC(=O)c2ccccc2)cc1", "O=C(Nc1ccccc1)c1cccc(/C=C/[C@H]2CCNC2)c1")
    styryl = [smiles for smiles in found if Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmarts("cC=CC1CCNC1"))]
    assert styryl and all("/" in smiles or "\\" in smiles for smiles in styryl)
