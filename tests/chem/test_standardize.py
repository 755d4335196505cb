"""The parent is ChEMBL's own, it is a fixed point, and what is said to have changed did."""

import csv
import gzip
import random

import pytest
from chembl_structure_pipeline import standardizer
from chembl_structure_pipeline.exclude_flag import exclude_flag
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import AllChem
from rdkit.rdBase import BlockLogs

from molgen.chem.standardize import standardize, standardize_all, standardize_fully
from molgen.data.catalogue import datasets
from tests.data.dirty import ODD, SALTED, SOUND, dirty


def drugs(n: int) -> list[str]:
    with gzip.open(datasets()["chembl_drugs"].path, "rt") as opened:
        smiles = [row["smiles"] for row in csv.DictReader(opened)]
    salts = [text for text in smiles if "." in text]
    return random.Random(0).sample(salts, n // 3) + random.Random(1).sample(smiles, n - n // 3)


DRUGS = drugs(300)


def test_parents_of_drugs_are_those_of_the_chembl_pipeline():
    for text in DRUGS:
        with BlockLogs():
            mol = Chem.MolFromSmiles(text)
            parent, _ = standardizer.get_parent_mol(standardizer.standardize_mol(mol))
            expected = Chem.MolToSmiles(mol if exclude_flag(mol) else parent)
        assert standardize(text).smiles == expected, text


@pytest.mark.parametrize("text", [*SOUND, *SALTED, *ODD, *DRUGS[::3]])
def test_a_parent_is_its_own_parent(text):
    once = standardize(text)
    twice = standardize(once.smiles)
    assert (twice.smiles, twice.inchikey) == (once.smiles, once.inchikey)
    assert not [change for change in twice.changes if not change.startswith(("mixture", "not standardised"))]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_atoms_does_not_change_the_parent(data):
    mol = Chem.MolFromSmiles(data.draw(st.sampled_from(DRUGS)))
    order = data.draw(st.permutations(range(mol.GetNumAtoms())))
    shuffled = Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)
    assert standardize(shuffled).inchikey == standardize(Chem.MolToSmiles(mol)).inchikey


def test_a_molecule_in_space_is_the_one_that_its_smiles_says():
    seen = 0
    for text in ["C[C@H](N)C(=O)O", "C/C=C\\C(=O)O", "CCO", *DRUGS[::6]]:
        whole = Chem.AddHs(Chem.MolFromSmiles(standardize(text).smiles))
        if whole.GetNumAtoms() > 60 or AllChem.EmbedMolecule(whole, randomSeed=1, maxAttempts=5) < 0:
            continue
        for block in (Chem.MolToMolBlock(whole), Chem.MolToV3KMolBlock(whole), Chem.MolToMolBlock(Chem.RemoveHs(whole))):
            said = standardize(block)
            centres = Chem.FindMolChiralCenters(whole, includeUnassigned=True, useLegacyImplementation=False)
            if all(label != "?" for _, label in centres):  # an open centre is closed by being put in space
                assert said.smiles == standardize(text).smiles, text
            assert not said.reason and Chem.CanonSmiles(said.smiles, 0) == Chem.CanonSmiles(standardize(text).smiles, 0), text
            seen += 1
    assert seen > 60


def test_a_drawing_and_its_smiles_are_one_molecule():
    for text in DRUGS[::5]:
        drawn = Chem.MolFromSmiles(standardize(text).smiles)
        block = Chem.MolToMolBlock(drawn)
        if Chem.MolToSmiles(Chem.MolFromMolBlock(block)) == Chem.MolToSmiles(drawn):
            assert standardize(block).inchikey == standardize(text).inchikey


@pytest.mark.parametrize(
    ("text", "smiles", "changes"),
    [
        ("CCO", "CCO", ()),
        ("CCN.Cl", "CCN", ("salt or solvent removed: Cl",)),
        ("O.O.CCN", "CCN", ("salt or solvent removed: O (2 times)",)),
        ("CCN.CCN.OS(=O)(=O)O", "CCN", ("salt or solvent removed: O=S(=O)(O)O", "repeated component kept once: CCN")),
        ("C[N+](C)(C)C.[I-]", "C[N+](C)(C)C", ("salt or solvent removed: [I-]",)),
        ("[13CH3]N.Cl", "CN", ("isotope labels removed", "salt or solvent removed: Cl")),
        ("[2H]OC", "CO", ("isotope labels removed",)),
        ("[K+].[O-]c1ccccc1", "Oc1ccccc1", ("salt or solvent removed: [K+]", "charge or group normalised")),
        ("CCC[NH3+]", "CCCN", ("charge or group normalised",)),
        ("C[N-][N+]#N", "CN=[N+]=[N-]", ("charge or group normalised",)),
        ("CN1CCC1.CNC(=O)c1ccccc1", "CN1CCC1.CNC(=O)c1ccccc1", ("mixture of 2 components, kept whole",)),
        ("[CH3:1][CH2:2]O", "CCO", ("atom map numbers removed",)),
        ("CC(C)[C@H](C)O |&1:3|", "CC(C)[C@H](C)O", ("relative or racemic stereo read as the isomer drawn",)),
        ("OC=1C=CC=CN1", "Oc1ccccn1", ()),  # tautomers stay as drawn
    ],
)
def test_what_changed_is_said_and_nothing_else(text, smiles, changes):
    structure = standardize(text)
    assert (structure.smiles, structure.changes) == (Chem.CanonSmiles(smiles), changes)


@pytest.mark.parametrize("text", ["N->[Pt](Cl)(Cl)<-N", "[Fe+2].[Cl-].[Cl-]", "C[Hg]C", "Cl.CCN.[Cu]"])
def test_a_metal_complex_stays_as_written_and_says_so(text):
    structure = standardize(text)
    assert structure.smiles == Chem.CanonSmiles(text)
    assert structure.changes == ("not standardised: metal complex or polyboron (ChEMBL exclusion)",)


@pytest.mark.parametrize("text", dirty())
def test_a_dirty_cell_gives_a_structure_or_a_reason(text):
    structure = standardize(text)
    assert bool(structure.smiles) == bool(structure.inchikey) == (not structure.reason)
    assert bool(structure.stage) == bool(structure.reason)
    if structure.smiles:
        assert Chem.MolFromSmiles(structure.smiles) is not None


def test_one_by_one_all_at_once_and_the_full_chain_give_the_same():
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("C[C@H](N)C(=O)[O-]"))
    texts = [*dirty(), *DRUGS, block, "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"]
    together = standardize_all(texts)
    assert together == [standardize(text) for text in texts]
    assert together == [standardize_fully(text) for text in texts]
    assert standardize_all([]) == []


def test_the_key_of_what_inchi_has_no_word_for_is_its_smiles():
    keys = {standardize(text).inchikey for text in ODD}
    assert all(len(key) == 27 or key.startswith("SMILES=") for key in keys)


def test_a_deuterium_that_is_dropped_leaves_no_hydrogen_written():
    for heavy, plain in (("CC(C)[C@H]([2H])C(=O)OC", "COC(=O)CC(C)C"), ("C[C@]([2H])(N)C(=O)O", "C[C@H](N)C(=O)O")):
        assert standardize(heavy).smiles == standardize(plain).smiles and standardize(heavy).inchikey == standardize(plain).inchikey
