"""Places in a SMILES: distances along the text are those of the graph."""

import pytest
from rdkit import Chem

from molgen.data.catalogue import load_rows
from molgen.nn.place import CODES, Place, closes, step_of
from molgen.nn.tokens import Tokens, units
from tests.generate.toys import SEEDS

TEXTS = (
    *SEEDS, "C1CC2CCC1CC2", "c1ccc(C2(c3ccccc3)CC2)cc1", "CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O",
    "C12C3C4C1C5C2C3C45", "[2H]C1=CC%10CC1C%10",
)  # fmt: skip


def after(text):
    place = Place()
    place.read([step_of(unit) for unit in text])
    return place


@pytest.mark.parametrize("smiles", [Chem.MolToSmiles(Chem.MolFromSmiles(text)) for text in TEXTS])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_distance_to_an_open_ring_is_that_of_the_tree(smiles, seed):
    """Cut before any unit, open rings left open, the text is a molecule whose bonds RDKit counts."""
    text = Chem.MolToRandomSmilesVect(Chem.MolFromSmiles(smiles), 1, seed)[0]
    read = units(text)
    checked = 0
    for stop in range(1, len(read)):
        place, begun, atom = Place(), {}, -1
        for unit in read[:stop]:
            place.read([step_of(unit)])
            atom += unit not in "()=#-:/\\." and not unit.isdigit() and not unit.startswith("%")
            if unit.isdigit() or unit.startswith("%"):
                begun[unit] = None if begun.get(unit) is not None else atom
        open_rings = {number: start for number, start in begun.items() if start is not None}
        bare = "".join(unit for unit in read[:stop] if not (unit.isdigit() or unit.startswith("%")))
        tree = Chem.MolFromSmiles(bare + ")" * place.depth if not bare.endswith("(") else bare + "C" + ")" * place.depth, sanitize=False)
        if tree is None:
            continue  # ends in a bond
        distances = Chem.GetDistanceMatrix(tree)
        last = _here(read[:stop])
        for number, start in open_rings.items():
            assert place.distance(number) == int(distances[start][last])
            checked += 1
    assert checked or not any(unit.isdigit() for unit in read)


def _here(read):
    """The atom that comes next hangs on this one."""
    atom, last, stack = -1, -1, []
    for unit in read:
        if unit == "(":
            stack.append(last)
        elif unit == ")":
            last = stack.pop()
        elif not (unit in "=#-:/\\." or unit.isdigit() or unit.startswith("%")):
            atom += 1
            last = atom
    return last


def test_a_whole_text_leaves_nothing_open():
    assert all(after(units(text)).whole for text in TEXTS)
    assert not any(after(text).whole for text in ("C(", "c1cc", ["C", "(", "C", "1"]))
    assert after("C))").depth == 0


def test_rings_begun_at_aromatic_atoms_are_told_apart():
    assert after("c1cc").codes()[0] != after("C1CC").codes()[0] != 0
    assert len(after("C").codes()) == CODES and after("C").codes() == (0,) * CODES


AROMATIC = (
    *load_rows("moses_sample").raw[:300], "c1ccc2c(c1)[nH]c1ccccc12", "C[n+]1ccccc1", "O=c1cc[nH]cc1", "c1cc2cccc3c2c1CC3",
    "c1ccc2c(c1)-c1ccccc1C2", "CCn1c(=O)c2c(ncn2C)n(C)c1=O", "c1ccc[se]1", "O=c1c2ccccc2oc2ccccc12", "[O-][n+]1ccccc1",
    "c1ccc(-n2cccc2)cc1", "C1=c2ccccc2=NC1",
)  # fmt: skip


def test_aromatic_atoms_of_molecules_can_be_paired():
    """However they are written: what RDKit can give double bonds to has an even number of atoms that want one."""
    mols = [mol for text in AROMATIC if (mol := Chem.MolFromSmiles(text)) is not None]
    assert len(mols) > 300
    for seed, mol in enumerate(mols, start=1):
        assert after(units(Chem.MolToSmiles(mol))).paired
        assert after(units(Chem.MolToRandomSmilesVect(mol, 1, seed)[0])).paired


@pytest.mark.parametrize("text", ["Cn1cccc(C)c1", "OCc1nnn(C)n1-c1ccccc1", "c1cccc1", "O=c1ccccc1", "Cc1nnc2nccn12"])
def test_rings_without_a_partner_for_each_atom_are_odd(text):
    assert Chem.MolFromSmiles(text) is None and not after(units(text)).paired


def test_electrons_are_told_at_aromatic_atoms_alone():
    assert [after(text).odd for text in ("C", "c", "cc", "c1cccc1", "c1ccccc1", "c1ccccc1C")] == [None, True, False, True, False, None]
    assert {after(text).codes()[-1] for text in ("C", "c", "cc")} == {0, 1, 2}


def test_spelled_atoms_are_atoms_and_their_letters_are_nothing_else():
    tokens = Tokens(["C", "1", "(", ")"])
    place = Place()
    for token in tokens.read("C1C[Si1(]"):
        place.read(tokens.steps[token])
    assert place.distance("1") == 2 and place.depth == 0 and not place.spelling
    assert tokens.places(tokens.read("C1C"))[-1] == after("C1C").codes()


@pytest.mark.parametrize(("text", "needed"), [("C)C", 1), ("))(", 2), ("(C)", 0), (")(C)(", 1), ("C", 0)])
def test_what_closes_branches_needs_them(text, needed):
    assert closes([step_of(unit) for unit in text]) == needed
