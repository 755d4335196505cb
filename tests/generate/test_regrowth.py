"""Parts taken off and written anew: what stays is there in every molecule, whatever the text says."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.generate.constraints import NONE, Constraints
from molgen.generate.edits import seal
from molgen.generate.pieces import Parent
from molgen.generate.regrowth import opened, regrown
from tests.generate.toys import SEEDS

RNG = np.random.default_rng(0)


def openings(smiles, constraints=NONE, n=60):
    return [found for found in (opened(Parent(smiles, constraints), RNG) for _ in range(n)) if found is not None]


@pytest.mark.parametrize("smiles", SEEDS)
def test_a_prompt_goes_on_where_the_molecule_is_open(smiles):
    found = openings(smiles)
    assert len({one.prompt for one in found}) > 5
    for one in found:
        child = regrown(one, one.prompt + "CCl", RNG)
        assert child is not None, one
        text, mol = seal(child.mol)
        assert text and mol.HasSubstructMatch(Chem.MolFromSmarts("[CH2;D2]Cl"))
        assert mol.GetNumAtoms() <= Chem.MolFromSmiles(smiles).GetNumAtoms() + 2


def test_the_part_taken_off_written_again_is_the_parent():
    found = {seal(regrown(one, one.prompt + "C", RNG).mol)[0] for one in openings("C[C@H](N)c1ccc(Br)cc1", n=200)}
    assert "C[C@H](N)c1ccc(Br)cc1" in found and "C[C@@H](N)c1ccc(Br)cc1" not in found


@pytest.mark.parametrize("text", ["", "=C", "C(", "(C)C", "[Zr", "1CC1N1CC1C1"])
def test_a_text_that_adds_no_part_of_its_own_makes_nothing(text):
    (one,) = [one for one in openings("CCc1ccccc1", n=300) if one.prompt == "c1ccccc1"][:1] or openings("c1ccccc1")[:1]
    child = regrown(one, one.prompt + text, RNG)
    assert child is None or (seal(child.mol)[0] != "" and text == "1CC1N1CC1C1")


@pytest.mark.parametrize(
    ("asked", "added"),
    [
        ({"decorate": "*c1nc(*)c2cc(*)ccc2n1"}, "OC"),
        ({"link": "*c1ccccc1.*N1CCOCC1"}, "CC=O"),
        ({"link": "*c1ccccc1.*c1ccncc1.*C1CC1"}, "CC(C)C"),
        ({"link": "*Cc1cccc(C(=O)N*)c1"}, "CCCCCC"),
        ({"edit": "CC(=O)Nc1ccc([OH:1])cc1"}, "CF"),
        ({"edit": "C[As](C)c1ccc([CH3:1])cc1"}, "CF"),
        ({"keep": "c1ccc2[nH]ccc2c1"}, "CF"),
    ],
)
def test_frames_are_kept(asked, added):
    constraints = Constraints.of(**asked)
    start = constraints.starting_points(SEEDS)[0]
    children = [regrown(one, one.prompt + added, RNG) for one in openings(start, constraints)]
    sealed = [seal(child.mol) for child in children if child is not None]
    obeyed = [text for text, mol in sealed if text and not constraints.broken(mol)]
    assert len(obeyed) > 20 and len(obeyed) >= 0.8 * len(sealed)  # both ends on one atom may close too small a ring


def test_nothing_open_gives_nothing():
    assert opened(Parent("FC(F)(F)F"), RNG) is None
