"""What is vouched for comes out of ChEMBL's own chain unchanged, and each of its rules has something it would not vouch for."""

import csv
import gzip
import random
import time

import pytest
from chembl_structure_pipeline import standardizer
from chembl_structure_pipeline.exclude_flag import exclude_flag
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.standardize import standardize, standardize_fully
from molgen.chem.untouched import is_untouched
from molgen.data.catalogue import datasets

# Rule of the chain -> molecules it is there for.
WANTED = {
    "metal": ["C[Hg]C", "CC[Ge](C)C"],
    "boron cluster": ["BBBBBBBB", "B1B2B3B4B5B6B7B8BB1B2B3B4B5B6B7B8"],
    "atom map": ["[CH3:1][CH2:2]O"],
    "isotope": ["[13CH3]N", "[2H]OC", "[14C]C"],
    "radical": ["[CH2]C", "[O]C", "C[N]C", "[CH]"],
    "alkoxide": ["[Na]OC", "[Li]NC", "[K]O"],
    "diazonium": ["CC[N+]#N", "c1ccccc1[N+]#N"],
    "quaternary N": ["C[N+](C)(C)C"],
    "trivalent O": ["CC(C)=[O+]C"],
    "sulfoxide": ["CS(C)=O", "C[S@](=O)CC", "NS(=O)c1ccccc1", "O=S1CCCC1", "C[SH](C)=O", "C[SH+](C)=O", "CS(=O)(=O)CCS(C)=O"],
    "trivalent S": ["O=SC", "O=Sc1ccccc1"],
    "bad amide 1": ["CC(O)=N", "OC(=N)c1ccccc1", "N=C(O)N"],
    "bad amide 2": ["CC(O)=NC", "CN=C(O)c1ccccc1", "C/C(O)=N/C", "ON=C(O)C", "N(C)=C(O)C"],
    "halogen alone": ["[Cl]", "[Cl-]", "[I]"],
    "odd pyridine oxide": ["C[C-](C)[N+2](C)[O-]"],
    "odd azide": ["C[N-][N+]#N"],
    "charge": ["C[NH3+]", "CC(=O)[O-]", "C[N+](C)(C)CC(=O)[O-]", "[O-][n+]1ccccc1C[NH3+]", "C[B-](F)(F)F", "[OH-]", "C[S-]"],
    "tartrate": ["OC(=O)C(O)C(O)C(=O)O", "OC(=O)[C@H](O)[C@@H](O)C(=O)O"],
    "pieces": ["CCN.Cl", "CCO.CCO"],
    "stereo that is lost when perceived anew": ["O(C(=O)\\C=C\\C(=C/C=C/C(=C\\C=C\\C=C(\\C=C\\C=C(\\C=C\\C(O)=O)/C)/C)\\C)\\C)C"],
    "rings past what is known to alternate back": ["C1%11C2C3C4C5C6C7C8C9C%10C1CCC2CC3CC4CC5CC6CC7CC8CC9CC%10CC%11"],
}
CLEAN = (
    "CCO", "CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "CS(C)(=O)=O", "NS(=O)(=O)c1ccc(N)cc1", "CSC", "c1ccsc1", "O=C1NCCC1",
    "O=[N+]([O-])c1ccccc1", "C[N+](=O)[O-]", "[O-][n+]1ccccc1", "Cc1cc[n+]([O-])cc1", "C[C@H](N)C(=O)O", "F/C=C/Br", "N#Cc1ccc(Cl)cc1I",
    "c1cc[nH]c1", "C[C@@]1(O)CCNC1", "CC(C)=NO", "NC(=N)N", "OC1=NCCC1", "OB(O)c1ccccc1", "CP(=O)(O)OC", "ClC(Cl)Cl", "CC#CC",
    "O=S(=O)(O)O",
)  # fmt: skip


def shipped() -> list[str]:
    texts = set()
    for dataset in datasets().values():
        with gzip.open(dataset.path, "rt") as opened:
            texts |= {row["smiles"] for row in csv.DictReader(opened) if row.get("smiles")}
    return random.Random(0).sample(sorted(texts), 1_200)


def read(text: str) -> tuple[Chem.Mol, str]:
    with BlockLogs():
        mol = Chem.MolFromSmiles(text)
    return mol, Chem.MolToSmiles(mol)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in WANTED.items() for text in texts])
def test_nothing_a_rule_is_there_for_is_vouched_for(rule, text):
    assert not is_untouched(*read(text)), rule


@pytest.mark.parametrize("text", CLEAN)
def test_clean_molecules_are_vouched_for(text):
    assert is_untouched(*read(text))


def test_what_is_vouched_for_comes_out_of_the_chembl_pipeline_unchanged():
    vouched = 0
    texts = shipped()
    for text in texts:
        mol, canonical = read(text)
        if is_untouched(mol, canonical):
            vouched += 1
            assert not exclude_flag(mol, includeRDKitSanitization=False)
            parent, excluded = standardizer.get_parent_mol(standardizer.standardize_mol(mol))
            assert (Chem.MolToSmiles(parent), excluded) == (canonical, False), text
    assert vouched > len(texts) / 2


LINKS = (
    "C", "N", "O", "S", "C(=O)", "C(O)", "C(=N)", "C(O)=N", "N=C(O)", "S(=O)", "S(=O)(=O)", "C(=O)N", "[N+](=O)[O-]",
    "[N+]([O-])=O", "c1ccc(cc1)", "c1cc[nH]c1",
    "[C@H](C)", "[C@@](C)(F)", "/C=C/", "\\C=N\\", "C#C", "N(C)", "[NH+](C)", "[O-]", "Cl", "Br", "B(O)", "P(=O)(O)", "[S@](=O)", "[2H]",
    ".", "[Na+]", "C1CC1",
    "[n+]1([O-])ccccc1", "c1c[n+]([O-])ccc1", "[Si](C)(C)", "[CH]", "[C-]", "C=S", "SS", "N=N", "N=[N+]=[N-]", "I", "OO",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINKS), min_size=1, max_size=6).map("".join))
@example("CC(O)C(O)=N")
@example("OC(=O)C(O)C(O)C(=O)O")
@settings(max_examples=400, deadline=None)
def test_the_short_way_and_the_full_chain_agree_on_anything(text):
    assert standardize(text) == standardize_fully(text)


def test_judging_takes_time_in_proportion_to_the_text():
    mol = Chem.MolFromSmiles("C")
    began = time.process_time()
    assert not is_untouched(mol, "C(C)" * 1_000 + "[Na]")  # letters before what is refused must not be tried in every grouping
    assert time.process_time() - began < 0.5
