"""Edits: what they may do to a molecule, and what they never may."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from molgen.generate.breeding import CROSSINGS, MUTATIONS
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.crossover import without_dummy
from molgen.generate.drugs import DRUGS
from molgen.generate.edits import Tools, seal
from molgen.generate.joining import join
from molgen.generate.mutate import change_atom
from molgen.generate.pieces import Parent, ring_systems
from molgen.generate.vocabulary import Vocabulary

EDITS = {**CROSSINGS, **MUTATIONS}
COUNTS = rdFingerprintGenerator.GetMorganGenerator(radius=3).GetSparseCountFingerprint
VOCABULARY = Vocabulary(DRUGS)
CHIRAL = "C[C@H](N1CCO[C@@H](C1)c1ccccc1)C(=O)N/C=C/c1ccc(F)cc1"


def canonical(smiles):
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


def children(name, smiles, constraints=NONE, seed=0, tries=40):
    rng = np.random.default_rng(seed)
    parent, mates = Parent(smiles, constraints), [Parent(drug, constraints) for drug in DRUGS[30:40]]
    tools = Tools(VOCABULARY, lambda: mates[int(rng.integers(len(mates)))], 45)
    made = (EDITS[name](parent, tools, rng) for _ in range(tries))
    return [smiles for child in made if child is not None and (smiles := seal(child.mol)[0])]


@pytest.mark.parametrize("smiles", [CHIRAL, *DRUGS[::9]])
def test_a_molecule_cut_and_joined_again_is_the_same_stereo_included(smiles):
    parent = Parent(canonical(smiles))
    for bond in parent.cuts:
        first, second = parent.halves(bond)
        assert seal(join(first.mol, second.mol))[0] == parent.smiles


def test_ring_cores_put_back_where_they_were_give_the_molecule_again():
    for smiles in DRUGS[::5]:
        parent = Parent(canonical(smiles))
        for core, arms in parent.cores:
            assert seal(join(core.mol, *(arm.mol for arm in arms)))[0] == parent.smiles


@pytest.mark.parametrize("name", EDITS)
def test_a_sealed_graph_is_what_its_smiles_says(name):
    rng = np.random.default_rng(1)
    for smiles in (CHIRAL, *DRUGS[::12]):
        tools = Tools(VOCABULARY, lambda: Parent(canonical(DRUGS[35])), 45)
        child = EDITS[name](Parent(canonical(smiles)), tools, rng)
        text, graph = seal(child.mol) if child is not None else ("", None)
        if text:
            again = Chem.MolFromSmiles(text)
            assert Chem.MolToSmiles(again) == Chem.MolToSmiles(graph) == text
            assert COUNTS(again).GetNonzeroElements() == COUNTS(graph).GetNonzeroElements()


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_works_somewhere_and_its_children_can_be_read(name):
    made = [child for smiles in (CHIRAL, *DRUGS[::12]) for child in children(name, canonical(smiles), tries=10)]
    assert made
    for smiles in made:
        mol = Chem.MolFromSmiles(smiles)
        assert mol is not None and len(Chem.GetMolFrags(mol)) == 1
        assert all(atom.GetNumRadicalElectrons() == 0 and atom.GetAtomicNum() > 0 for atom in mol.GetAtoms())


def test_no_edit_leaves_a_radical_at_a_stereocentre():
    for name in EDITS:
        for smiles in children(name, "C[C@H]1CC[C@@H](C)[C@H](O)C1", tries=60):
            assert all(atom.GetNumRadicalElectrons() == 0 for atom in Chem.MolFromSmiles(smiles).GetAtoms()), (name, smiles)


def test_stereo_far_from_the_edit_stays():
    made = children("decorate", canonical(CHIRAL), tries=60)
    assert sum("@" in smiles and "/" in smiles for smiles in made) > len(made) / 2


def test_a_changed_stereocentre_forgets_its_stereo():
    parent = Parent("C[C@H](F)c1ccccc1")
    for seed in range(40):
        child = change_atom(parent, None, np.random.default_rng(seed))
        if child and child.origin.startswith("C changed to N"):
            made = seal(child.mol)[1]
            assert not any(atom.GetAtomicNum() == 7 and atom.GetChiralTag() for atom in made.GetAtoms())


def test_two_arms_exchanged_turn_round_what_lies_between():
    turned, wanted = "COc1ccccc1C(=O)NS(=O)(=O)c1ccc(CCNC(=O)NC2CCCCC2)cc1", "COc1ccccc1C(=O)NCCc1ccc(S(=O)(=O)NC(=O)NC2CCCCC2)cc1"
    made = children("exchange", canonical(turned), tries=150)
    assert canonical(wanted) in made
    formula = rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(wanted))
    assert {rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(smiles)) for smiles in made} == {formula}


def test_an_arm_moves_to_another_place_and_nothing_else_changes():
    parent = Chem.MolFromSmiles("OCc1ccc(-c2cc[nH]c2)cc1")
    made = children("move", Chem.MolToSmiles(parent), tries=60)
    assert len(set(made)) > 3
    formula = rdMolDescriptors.CalcMolFormula(parent)
    assert {rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(smiles)) for smiles in made} == {formula}


def test_double_bond_stereo_survives_a_change_elsewhere():
    made = children("change_atom", "C/C=C/CCCCCc1ccccc1", tries=80)
    assert any("/" in smiles for smiles in made)


@pytest.mark.parametrize(
    ("piece", "whole"), [("[1*]n1cccc1", "c1cc[nH]c1"), ("[1*]C(=O)N", "NC=O"), ("[1*][C@H](F)Cl", "FCCl")]
)
def test_a_cut_closed_by_hydrogen_gives_the_plain_molecule(piece, whole):
    assert seal(without_dummy(Chem.MolFromSmiles(piece)))[0] == canonical(whole)


@given(st.sampled_from(DRUGS), st.sampled_from(sorted(EDITS)), st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_same_seed_same_child(smiles, name, seed):
    assert children(name, canonical(smiles), seed=seed, tries=2) == children(name, canonical(smiles), seed=seed, tries=2)


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_single_molecule_edits_rarely_touch_what_is_kept(name):
    constraints = Constraints.of(keep="O=C(Nc1ccccc1)C1CCNCC1")
    parent = "Cc1cccc(C)c1NC(=O)C1CCN(Cc2ccccc2F)CC1"
    made = children(name, canonical(parent), constraints=constraints, tries=60)
    held = sum(not constraints.broken(Chem.MolFromSmiles(smiles)) for smiles in made)
    assert held >= 0.8 * len(made)


def test_ring_systems_share_atoms_inside_and_none_between():
    mol = Chem.MolFromSmiles("c1ccc2ccccc2c1C1CCC2(CC1)CC2")
    assert sorted(map(len, ring_systems(mol))) == [8, 10]


@pytest.mark.parametrize("smiles", ["Cl[Pt]1(Cl)[NH2]CC[NH2]1", "[NH2]1[C@@H]2CCCC[C@H]2[NH2][Pt]11OC(=O)C(=O)O1", "C1=CC2[Fe]C1C=C2"])
def test_rings_closed_by_dative_bonds_are_not_cut(smiles):
    parent = Parent(smiles)
    assert all(len(parent.halves(cut)) == 2 for cut in parent.cuts)
