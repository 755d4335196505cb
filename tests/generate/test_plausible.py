"""The filter by precedent: drugs pass, junk does not."""

import pytest
from rdkit import Chem

from molgen.data import catalogue
from molgen.generate.drugs import DRUGS
from molgen.generate.graph import Graph
from molgen.generate.pieces import ring_systems
from molgen.generate.plausible import Plausible
from molgen.generate.precedents import Precedents, caution, common, counted, environments, ring_key
from molgen.generate.unstable import unstable

PLAUSIBLE = Plausible(DRUGS, heavy_atoms=(4, 45))
KNOWING = Plausible(DRUGS, others=common(), heavy_atoms=(4, 45))

JUNK = {
    "peroxide": "CCOOCCc1ccccc1",
    "chain of nitrogens": "CCNNNNCc1ccccc1",
    "phosphine with hydrogen": "CCPCCc1ccccc1",
    "hypervalent S-H": "CC[SH](C)(C)Cc1ccccc1",
    "allene": "CC=C=CCc1ccccc1",
    "acyclic aminal": "CNCNCCc1ccccc1",
    "hemiacetal": "CC(O)OCCc1ccccc1",
    "alpha-fluoro amine": "FCNCCc1ccccc1",
    "N-halogen": "CCN(Cl)Cc1ccccc1",
    "acid chloride": "O=C(Cl)Cc1ccccc1",
    "hypofluorite": "CCOF",
    "strained bicycle": "C1CC2(C1)C=C2c1ccccc1",
    "cyclobutadiene": "C1=CC=C1c1ccccc1",
    "radical": "C[CH]Cc1ccccc1",
    "thione S-oxide": "CC(=S=O)Cc1ccccc1",
    "carbocation": "C[CH+]Cc1ccccc1",
}


@pytest.mark.parametrize("smiles", JUNK.values(), ids=JUNK)
@pytest.mark.parametrize("others", [None, common()], ids=["drugs", "all that ships"])
def test_junk_is_refused(smiles, others):
    assert Plausible(DRUGS, others=others, heavy_atoms=(4, 45)).flaw(Chem.MolFromSmiles(smiles))


SOUND = [
    "Cc1ccc(S(N)(=O)=O)cc1F",
    "COc1ccc(C(=O)N2CCOCC2)cc1",
    "CN1CCC(Oc2ccccc2)CC1",
    "O=C(NCc1ccccc1)c1ccc(Cl)cc1",
    "Cc1ccc(-c2ccncc2)cc1",
]


@pytest.mark.parametrize("smiles", SOUND)
def test_plain_medicinal_chemistry_passes(smiles):
    assert PLAUSIBLE.flaw(Chem.MolFromSmiles(smiles)) == ""


def test_what_one_precedent_settles_never_needs_a_wider_one():
    texts = [*DRUGS, *catalogue.load_rows("moses_sample").raw[:500], *JUNK.values()]
    wide = 0
    for mol in map(Chem.MolFromSmiles, texts):
        around = environments(Graph.of(mol))
        settled = Precedents(frozenset(around), frozenset(), frozenset()).plain
        needy = [around[atom.GetIdx()] for atom in mol.GetAtoms() if caution(atom) == 2]
        assert not settled & set(needy)
        wide += len(needy)
    assert wide > 50


@pytest.mark.parametrize("kind", [Chem.BondType.ZERO, Chem.BondType.DATIVE, Chem.BondType.QUADRUPLE])
@pytest.mark.parametrize("smiles", ["C1CC[Fe]CC1", "C1CC[Fe]2CC1CC2"])
def test_bonds_of_rare_kinds_are_judged_too(smiles, kind):
    mol = Chem.RWMol(Chem.MolFromSmiles(smiles))
    mol.GetBondWithIdx(3).SetBondType(kind)
    assert Chem.SanitizeMol(mol, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE or kind == Chem.BondType.QUADRUPLE
    assert KNOWING.flaw(mol) == "unusual Fe: no precedent for its neighbours"


def test_what_stands_in_a_precedent_is_allowed_there_and_only_there():
    strange = "CCOOCCc1ccccc1"
    taught = Plausible([*DRUGS, strange], alerts=lambda mol: ())
    assert taught.flaw(Chem.MolFromSmiles(strange)) == ""
    assert taught.flaw(Chem.MolFromSmiles("COOCc1ccccc1"))


def test_every_drug_is_its_own_precedent():
    quiet = Plausible(DRUGS, alerts=lambda mol: (), heavy_atoms=(1, 60))
    assert [smiles for smiles in DRUGS if quiet.flaw(Chem.MolFromSmiles(smiles))] == []


@pytest.mark.parametrize(
    ("one", "other"), [("c1cc[nH]c1", "Cn1cccc1"), ("C1CCCNC1", "CN1CCCC(O)C1"), ("c1ccc2[nH]ccc2c1", "Cc1cc2cc(F)ccc2n1C")]
)
def test_a_ring_has_one_name_whatever_hangs_on_it(one, other):
    keys = [[ring_key(Graph.of(mol), system) for system in ring_systems(mol)] for mol in map(Chem.MolFromSmiles, (one, other))]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("one", "other"), [("c1ccccc1", "C1CCCCC1"), ("c1ccncc1", "c1ccnnc1"), ("c1cocn1", "c1conc1"), ("C1=CCCCC1", "C1CCCCC1")]
)
def test_different_rings_have_different_names(one, other):
    keys = [ring_key(Graph.of(mol), ring_systems(mol)[0]) for mol in map(Chem.MolFromSmiles, (one, other))]
    assert keys[0] != keys[1]


def test_size_limits_and_alerts_are_the_callers():
    assert "heavy atoms" in Plausible(DRUGS, heavy_atoms=(8, 45)).flaw(Chem.MolFromSmiles("CCO"))
    loud = Plausible(DRUGS, alerts=lambda mol: ("mine",), heavy_atoms=(1, 45))
    assert loud.flaw(Chem.MolFromSmiles("CCO")) == "alert: mine"
    assert Plausible(DRUGS, alerts=lambda mol: ("mine",), excused=("mine",), heavy_atoms=(1, 45)).flaw(Chem.MolFromSmiles("CCO")) == ""


def test_what_ships_lets_more_of_known_chemistry_through_than_drugs_alone():
    molecules = catalogue.load_rows("enamine_blocks").raw[::40]  # not among those that made the precedents
    strange = [[bool(judge.strange(Chem.MolFromSmiles(smiles))) for smiles in molecules] for judge in (PLAUSIBLE, KNOWING)]
    assert sum(strange[1]) < 0.7 * sum(strange[0])


def test_a_precedent_is_shown_by_three_molecules():
    anilines = ["Nc1ccccc1", "Nc1ccccc1C", "Nc1ccccc1F"]
    rows = list(counted([*anilines, "Nc1ccncc1", "Nc1ccncc1C"]))
    assert {kind for kind, _, _ in rows} == {"environments", "rings"} and all(count >= 3 for _, _, count in rows)
    assert len([kind for kind, _, _ in rows if kind == "rings"]) == 1  # benzene's; two pyridines are too few


def test_precedents_add_up():
    one, other = Precedents.of(["CCO"]), Precedents.of(["c1ccccc1"])
    both = one | other
    assert both.environments == one.environments | other.environments and both.rings == other.rings


@pytest.mark.parametrize(
    ("smiles", "said"),
    [
        ("OC(=O)N1CCC(c2ccccc2)CC1", "carbamic acid"),
        ("OC(=O)OCc1ccccc1", "half ester of carbonic acid"),
        ("CC(O)(O)c1ccccc1", "geminal diol"),
        ("CC(O)N1CCC(c2ccccc2)CC1", "hemiaminal"),
        ("CC(F)N1CCC(c2ccccc2)CC1", "halogen beside nitrogen or hydroxyl"),
    ],
)
def test_what_falls_apart_is_strange_whatever_shows_it(smiles, said):
    mol = Chem.MolFromSmiles(smiles)
    shown = Plausible([smiles], heavy_atoms=(1, 60))
    assert shown.strange(mol) == f"unstable: {said}"
    assert shown.strange(mol, frozenset(range(mol.GetNumAtoms()))) == ""  # somebody's wish


@pytest.mark.parametrize("smiles", ["COC(=O)N1CCCCC1", "OC(c1ccccc1)C(F)(F)F", "OCNC(=O)c1ccccc1", "FC(F)Oc1ccccc1", "OC(=O)CN1CCCCC1"])
def test_what_only_looks_like_it_is_not(smiles):
    assert unstable(Chem.MolFromSmiles(smiles)) == ""
